// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCoordinator
import Foundation

struct DataCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "The data of a run.", subcommands: [Describe.self])

    struct Describe: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows the data of a run file and what each worker would hold of them.")

        @OptionGroup var runFile: RunFileOptions

        @Option(help: "Among how many workers the data are divided.")
        var workers = 4

        @Flag(help: "Print JSON.")
        var json = false

        func validate() throws {
            guard (1...100_000).contains(workers) else { throw ValidationError("--workers takes 1 to 100000") }
        }

        func run() async throws {
            let report = try DataReport(runFile.load(), workers: workers)
            print(Terminal.printable(json ? try report.json() : report.text(columns: Terminal.columns)))
        }
    }
}
