// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCoordinator
import FedIdentity
import FedStore

struct RunResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Serves an unfinished run from where it was, with the configuration that it was made with.")

    @OptionGroup var options: RunOptions

    @Option(help: "Where to write a copy of the report (JSON).")
    var report: String?

    func run() async throws {
        let directory = try options.federation.open()
        let lock = try DirectoryLock(directory: directory.path)
        defer { lock.release() }
        let run = try await options.find().run
        guard !run.state.isFinal else {
            let why = run.failure.map { " (\($0))" } ?? ""
            throw ProgramFailure(
                .usage,
                "run \(run.id) is \(run.state.rawValue)\(why): a run that has ended is not resumed; "
                    + "start a new one with 'fedcoord serve'")
        }
        let config = try RunFile.parse(run.configuration).validated(
            for: CentralModel.vocabulary, hasBegun: true)
        try await Serving(directory: directory, config: config, report: report).run { store, runs in
            try await RunRecords(resuming: run.id, config: config, in: store, directory: runs)
        }
    }
}
