// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCoordinator
import FedCore
import FedTraining
import Foundation

struct DataCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "The data of a run.", subcommands: [Describe.self, Schema.self])

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

    struct Schema: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes how the columns of a CSV file are coded, for all workers of a run to code theirs alike.",
            discussion: """
                A schema holds the names of the columns, the mean and deviation of numbers, and the categories of texts, but no
                rows. Look through it before you give it away: a category may be a name.

                Example: fedcoord data schema patients.csv --label outcome --attribute hospital --output schema.json
                """)

        @Argument(help: "The CSV file with a header, or a folder with train.csv and test.csv.")
        var file: String

        @Option(help: ArgumentHelp("The column that is the label.", valueName: "column"))
        var label: String

        @Option(
            help: ArgumentHelp(
                "A column that only divides the data, such as a hospital, and is no input; may be given several times.",
                valueName: "column"))
        var attribute: [String] = []

        @Option(
            help: ArgumentHelp(
                "A column to leave out, such as a number of a patient; may be given several times.", valueName: "column"
            ))
        var ignore: [String] = []

        @Option(help: "Where to write the schema; standard output if not given.")
        var output: String?

        func run() async throws {
            if let output { try OutputFile.check(output) }
            var schema = try CSVSchema.derive(from: file, label: label)
            for name in attribute { try schema.use(name, as: .attribute) }
            for name in ignore { try schema.use(name, as: .ignored) }
            guard let output else {
                print(try schema.json())
                return
            }
            try schema.save(to: output)
            let lines = SchemaTable.lines(schema, columns: Terminal.columns)
            print(
                Terminal.printable(
                    """
                    \(lines.joined(separator: "\n"))
                    wrote \(output): \(schema.inputs) inputs, fingerprint \(schema.fingerprint)
                    """))
        }
    }
}

extension CSVSchema {
    /// Changes what a column is for; throws `ProgramFailure` for the label and for a column that is not there.
    fileprivate mutating func use(_ name: String, as kind: Kind) throws {
        guard let index = columns.firstIndex(where: { $0.name == name }), columns[index].kind != .label else {
            let known = columns.filter { $0.kind != .label }.map(\.name)
            throw ProgramFailure(.usage, NearestName.unknown("column", name, among: known))
        }
        columns[index] = Column(name: name, kind: kind)
    }
}
