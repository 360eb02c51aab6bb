// swift-tools-version: 6.1
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .unsafeFlags(["-warnings-as-errors"]),
]

// The layers of Documentation/Architecture.md: a target depends on targets listed above it only,
// and siblings of one layer do not depend on each other.
let package = Package(
    name: "fedcoord",
    products: [
        // For benchmarks and fuzzing, which are packages of their own.
        .library(name: "FedCodecs", targets: ["FedCodecs"]),
        .library(name: "FedCore", targets: ["FedCore"]),
        .library(name: "FedIdentity", targets: ["FedIdentity"]),
        .library(name: "FedStore", targets: ["FedStore"]),
        .library(name: "FedStrategies", targets: ["FedStrategies"]),
        .library(name: "FedTraining", targets: ["FedTraining"]),
        .library(name: "FedTransport", targets: ["FedTransport"]),
        .library(name: "FedWire", targets: ["FedWire"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // L0: C
        .target(name: "CFedKernels"),
        .target(name: "COpenBLAS", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CImageCodecs", providers: [.apt(["libpng-dev", "libturbojpeg0-dev"])]),

        // L1: vocabulary
        .target(name: "FedCore", dependencies: ["CFedKernels"], swiftSettings: strict),

        // L2: pure
        .target(name: "FedCodecs", dependencies: ["FedCore", "CFedKernels", "CZstd"], swiftSettings: strict),
        .target(name: "FedStrategies", dependencies: ["FedCore", "CFedKernels"], swiftSettings: strict),
        .target(
            name: "FedTraining", dependencies: ["FedCore", "CFedKernels", "COpenBLAS", "CZlib", "CImageCodecs"],
            swiftSettings: strict),
        .target(
            name: "FedWire",
            dependencies: ["FedCore", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
            swiftSettings: strict),

        // L3: adapters
        .target(
            name: "FedIdentity",
            dependencies: [
                "FedCore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            swiftSettings: strict),
        .target(
            name: "FedStore",
            dependencies: [
                "FedCore", "CZlib",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .target(
            name: "FedTransport",
            dependencies: [
                "FedCore", "FedWire",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ],
            swiftSettings: strict),

        // L4: the two roles
        .target(
            name: "FedCoordinator",
            dependencies: [
                "FedCore", "FedCodecs", "FedStrategies", "FedWire", "FedTransport", "FedIdentity", "FedStore",
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),
        .target(
            name: "FedWorker",
            dependencies: [
                "FedCore", "FedCodecs", "FedStrategies", "FedTraining", "FedWire", "FedTransport", "FedIdentity",
                "CZlib",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),

        // L5: faces
        .target(
            name: "FedSimulation",
            dependencies: [
                "FedCore", "FedCodecs", "FedCoordinator", "FedIdentity", "FedStore", "FedStrategies", "FedTraining",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict),
        .target(name: "FedModels", dependencies: ["FedCore", "FedStore", "FedTraining"], swiftSettings: strict),
        .target(
            name: "FedCommandLine",
            dependencies: [.product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict),

        // L6: what the mains share
        .target(
            name: "FedModelOptions",
            dependencies: [
                "FedCommandLine", "FedCore", "FedModels", "FedTraining",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // L7: mains
        .executableTarget(
            name: "fedcoord",
            dependencies: [
                "FedCodecs", "FedCommandLine", "FedCoordinator", "FedCore", "FedIdentity", "FedModelOptions",
                "FedModels",
                "FedSimulation", "FedStore", "FedTraining", "FedTransport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "fedworker",
            dependencies: [
                "FedCommandLine", "FedCore", "FedIdentity", "FedModelOptions", "FedModels", "FedStore", "FedTraining",
                "FedTransport", "FedWorker",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),

        // Tests mirror the sources.
        .target(
            name: "FedTestSupport",
            dependencies: [
                "FedCore", "FedStore", "FedTraining", "FedTransport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tests/FedTestSupport", swiftSettings: strict),
        .testTarget(name: "FedCoreTests", dependencies: ["FedCore"], swiftSettings: strict),
        .testTarget(name: "FedCodecsTests", dependencies: ["FedCodecs", "FedCore"], swiftSettings: strict),
        .testTarget(
            name: "FedStrategiesTests", dependencies: ["FedStrategies", "FedCore"], exclude: ["Golden"],
            swiftSettings: strict),
        .testTarget(
            name: "FedTrainingTests", dependencies: ["FedTraining", "FedCore"],
            exclude: [
                "Golden/loss-curves.json", "Golden/make-optimizer-steps.py", "Golden/optimizer-steps.json", "Vectors",
            ],
            swiftSettings: strict),
        .testTarget(name: "FedWireTests", dependencies: ["FedWire", "FedCore"], swiftSettings: strict),
        .testTarget(
            name: "FedTransportTests",
            dependencies: [
                "FedTransport", "FedWire", "FedCore", "FedTestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "FedIdentityTests",
            dependencies: [
                "FedIdentity", "FedCore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "FedStoreTests",
            dependencies: ["FedStore", "FedCore", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),
        .testTarget(
            name: "FedCoordinatorTests",
            dependencies: [
                "FedCoordinator", "FedCodecs", "FedCore", "FedStore", "FedStrategies", "FedTransport", "FedWire",
                "FedWorker", "FedTestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "FedWorkerTests",
            dependencies: [
                "FedWorker", "FedCodecs", "FedTraining", "FedCore", "FedIdentity", "FedTransport", "FedWire",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "FedModelsTests",
            dependencies: ["FedModels", "FedCore", "FedStore", "FedTraining", "FedTestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "FedSimulationTests",
            dependencies: ["FedSimulation", "FedCoordinator", "FedCore", "FedStrategies", "FedTraining"],
            swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests", dependencies: ["fedcoord", "fedworker", "FedTestSupport"], swiftSettings: strict),
    ]
)
