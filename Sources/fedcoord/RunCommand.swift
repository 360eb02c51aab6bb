// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCoordinator
import FedStore
import Foundation

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "The runs of a federation.",
        subcommands: [
            List.self, Show.self, RunWhyCommand.self, RunStopCommand.self, RunResumeCommand.self, RunReplayCommand.self,
        ])

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

        @OptionGroup var options: RunOptions

        @Option(help: "How to print: text or json (the run's report).")
        var format = OutputFormat.text

        func run() async throws {
            let (directory, store, stored) = try await options.find()
            let rounds = try await store.rounds(of: stored.id)
            let summary = RunSummary(stored, rounds: rounds)
            switch format {
            case .text:
                print(summary.line)
                for round in summary.rounds { print("  " + round) }
                if let failure = stored.failure { print("  failed: \(failure)") }
            case .json:
                let file = URL(fileURLWithPath: directory.run(stored.id)).appendingPathComponent("report.json")
                if let report = try? String(contentsOf: file, encoding: .utf8) {
                    print(report)
                } else {
                    try print(RunSummary.json([summary]))
                }
            }
        }
    }
}
