// swift-tools-version: 6.1
import PackageDescription

// Build with run.sh: all targets, those of the package beside this one included, need the flags of the sanitizers.
let package = Package(
    name: "fuzzing",
    dependencies: [.package(name: "fedcoord", path: "../")],
    targets: [
        .systemLibrary(name: "CLibFuzzer"),
        .executableTarget(
            name: "codec-fuzzer",
            dependencies: [
                "CLibFuzzer",
                .product(name: "FedCodecs", package: "fedcoord"),
                .product(name: "FedCore", package: "fedcoord"),
            ],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .unsafeFlags(["-warnings-as-errors"]),
            ],
            // gold, Swift's own choice, does not know the libraries of the sanitizers.
            linkerSettings: [.unsafeFlags(["-use-ld=lld"])]),
    ]
)
