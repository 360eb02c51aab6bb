// swift-tools-version: 6.1
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .unsafeFlags(["-warnings-as-errors"]),
]

let package = Package(
    name: "benchmarks",
    dependencies: [.package(name: "fedcoord", path: "../")],
    targets: [
        .executableTarget(
            name: "load",
            dependencies: [
                .product(name: "FedCodecs", package: "fedcoord"),
                .product(name: "FedCore", package: "fedcoord"),
                .product(name: "FedIdentity", package: "fedcoord"),
                .product(name: "FedTransport", package: "fedcoord"),
                .product(name: "FedWire", package: "fedcoord"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "training-benchmark",
            dependencies: [
                .product(name: "FedCore", package: "fedcoord"),
                .product(name: "FedTraining", package: "fedcoord"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "round-memory",
            dependencies: [
                .product(name: "FedCodecs", package: "fedcoord"),
                .product(name: "FedCore", package: "fedcoord"),
                .product(name: "FedStrategies", package: "fedcoord"),
            ],
            swiftSettings: strict),
    ]
)
