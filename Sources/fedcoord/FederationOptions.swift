// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCoordinator
import FedIdentity
import Foundation

/// The option that names a federation's directory.
struct FederationOptions: ParsableArguments {
    @Option(
        help:
            "The federation's directory, as 'fedcoord init' made it; without it $FEDCOORD_DIRECTORY, else 'federation'."
    )
    var directory = ProcessInfo.processInfo.environment["FEDCOORD_DIRECTORY"] ?? "federation"

    /// Opens the directory; throws `IdentityError`.
    func open() throws -> FederationDirectory { try FederationDirectory.open(directory) }
}

/// The arguments that name a run file and override its keys.
struct RunFileOptions: ParsableArguments {
    @Argument(help: "The run file (YAML).")
    var runFile: String

    @Option(help: ArgumentHelp("Overrides a key of the run file; may be given several times.", valueName: "key=value"))
    var set: [String] = []

    /// Reads, overrides and checks; a file that is not found is looked for in `directory`. Throws `ConfigurationError`.
    func load(besides directory: String? = nil) throws -> RunConfig {
        let fallback = directory.map { "\($0)/\(runFile)" }.flatMap {
            FileManager.default.fileExists(atPath: $0) ? $0 : nil
        }
        let path = FileManager.default.fileExists(atPath: runFile) ? runFile : fallback ?? runFile
        return try RunFile.load(URL(fileURLWithPath: path), overrides: set).validated(for: CentralModel.vocabulary)
    }
}

/// How `list` and `show` print.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}
