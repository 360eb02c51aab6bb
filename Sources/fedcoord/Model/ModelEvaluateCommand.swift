// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCore
import FedModelOptions
import FedModels
import FedTraining
import Foundation

struct ModelEvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Measures a model on the test part of data.",
        discussion: """
            With an attack it measures robust accuracy, too: the share of examples that are classified correctly both as they are \
            and under the attack, which is on the same mixture of batch norms.

            Example: fedcoord model evaluate half.safetensors --data mnist=/data/mnist --attack pgd --epsilon 8/255 --steps 7
            """)

    @OptionGroup var model: ModelOptions

    @OptionGroup var cut: CutOptions

    @OptionGroup var data: DataOptions

    @OptionGroup var measurement: MeasurementOptions

    @Option(help: "How to print: text or json.")
    var format = OutputFormat.text

    func run() async throws {
        let path = try await model.path()
        let model = try cut.cut(TrainedModel(reading: path))
        let attack = try measurement.spec()
        let data = try data.loadRequired(for: model)
        let test = data.test
        let result = try model.evaluate(
            on: test, attack: attack, robustExamples: measurement.robustExamples, seed: measurement.seed,
            threads: ProcessInfo.processInfo.activeProcessorCount)
        let summary = try ModelSummary(model, path: path)
        switch format {
        case .json:
            print(
                try JSONText.text(
                    Report(
                        model: summary, dataset: test.name, domain: data.domain, examples: test.count, result: result,
                        attack: attack,
                        robustExamples: attack.map { _ in min(test.count, measurement.robustExamples ?? test.count) })))
        case .text:
            var lines = summary.lines
            lines.append("data      \(data.title)")
            lines.append(
                "accuracy  \(Quantity.decimal(100 * result.accuracy, 2)) %, loss \(Quantity.significant(result.loss))")
            if let robust = try measurement.line(result, of: test.count) { lines.append(robust) }
            print(Terminal.printable(lines.joined(separator: "\n")))
        }
    }

    private struct Report: Encodable {
        let model: ModelSummary
        let dataset: String
        let domain: ModelCard.Domain?
        let examples: Int
        let result: Evaluation
        let attack: AttackSpec?
        let robustExamples: Int?
    }
}
