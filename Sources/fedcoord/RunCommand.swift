// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCoordinator
import FedCore
import FedStore
import Foundation

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "The runs of a federation.", subcommands: [List.self, Show.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists all runs.")

        @OptionGroup var federation: FederationOptions

        @Option(help: "How to print: text or json.")
        var format = OutputFormat.text

        func run() async throws {
            let store = try SQLiteRunStore(directory: federation.open().path)
            var summaries: [RunSummary] = []
            for run in try await store.runs() {
                summaries.append(RunSummary(run, rounds: try await store.rounds(of: run.id)))
            }
            switch format {
            case .json: try print(RunSummary.json(summaries))
            case .text:
                if summaries.isEmpty { print("no runs yet: fedcoord serve") }
                for summary in summaries { print(summary.line) }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one run round by round.")

        @OptionGroup var federation: FederationOptions

        @Argument(help: "The run, as 'fedcoord run list' names it.")
        var run: String

        @Option(help: "How to print: text or json (the run's report).")
        var format = OutputFormat.text

        func run() async throws {
            let directory = try federation.open()
            let store = try SQLiteRunStore(directory: directory.path)
            guard let id = try? RunID(run), let stored = try await store.run(id) else {
                let known = try await store.runs().map(\.id.rawValue)
                throw ProgramFailure(.usage, NearestName.unknown("run", run, among: known))
            }
            let rounds = try await store.rounds(of: id)
            let summary = RunSummary(stored, rounds: rounds)
            switch format {
            case .text:
                print(summary.line)
                for round in summary.rounds { print("  " + round) }
                if let failure = stored.failure { print("  failed: \(failure)") }
            case .json:
                let file = URL(fileURLWithPath: directory.run(id)).appendingPathComponent("report.json")
                if let report = try? String(contentsOf: file, encoding: .utf8) {
                    print(report)
                } else {
                    try print(RunSummary.json([summary]))
                }
            }
        }
    }
}
