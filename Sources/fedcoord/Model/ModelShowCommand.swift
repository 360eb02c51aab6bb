// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedModels

struct ModelShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Says what a model is.")

    @OptionGroup var model: ModelOptions

    @Option(help: "How to print: text or json.")
    var format = OutputFormat.text

    func run() async throws {
        let path = try await model.path()
        let summary = try ModelSummary(TrainedModel(reading: path), path: path)
        switch format {
        case .json: print(try JSONText.text(summary))
        case .text: print(Terminal.printable(summary.lines.joined(separator: "\n")))
        }
    }
}
