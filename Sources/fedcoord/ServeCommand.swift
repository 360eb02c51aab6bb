// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCoordinator
import FedIdentity
import FedStore
import Foundation

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Carries out a run with the workers that join, and goes on with it if it was interrupted.")

    @OptionGroup var federation: FederationOptions
    @OptionGroup var runFile: RunFileOptions

    @Option(help: "Where to write a copy of the report (JSON).")
    var report: String?

    @Flag(help: .hidden)
    var exitWithParent = false

    func run() async throws {
        let directory = try federation.open()
        let lock = try DirectoryLock(directory: directory.path)
        defer { lock.release() }
        let config = try runFile.load(besides: directory.path)
        let serving = Serving(directory: directory, config: config, report: report, exitWithParent: exitWithParent)
        try await serving.run { store, runs in
            try await RunRecords(for: config, in: store, directory: runs)
        }
    }
}
