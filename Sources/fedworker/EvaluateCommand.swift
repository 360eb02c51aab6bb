// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCore
import FedModelOptions
import FedModels
import FedTraining
import Foundation

struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Measures this worker's own model on the test part of data.",
        discussion: """
            Where the model is of a run whose workers belong to domains, the test examples of its domain are used, unless --all-domains \
            says otherwise. With an attack it measures robust accuracy, too: the share of examples that are classified \
            correctly both as they are and under the attack. With --robustness auto the detector of the model ('fedworker detector') chooses a \
            branch for each example; the attack is made through each branch then, and does not know the detector.

            Example: fedworker evaluate --data digits-5=/data/digits-5 --attack pgd --epsilon 8/255
            """)

    @Argument(help: "A model file; without it the worker's own model.")
    var file: String?

    @OptionGroup var own: PersonalOptions

    @OptionGroup var branch: BranchOptions

    @OptionGroup var data: DataOptions

    @OptionGroup var measurement: MeasurementOptions

    @Option(help: "How to print: text or json.")
    var format = PredictCommand.Format.text

    func run() async throws {
        let attack = try measurement.spec()
        let (stored, path) = try own.model(file: file)
        let model = try branch.applied(to: stored)
        let detecting = try branch.detecting(model)
        let data = try data.loadRequired(for: model)
        let test = data.test
        let threads = ProcessInfo.processInfo.activeProcessorCount
        let detected = try detecting?.evaluate(
            on: test, attack: attack, robustExamples: measurement.robustExamples, seed: measurement.seed,
            threads: threads)
        let result =
            try detected?.evaluation
            ?? model.evaluate(
                on: test, attack: attack, robustExamples: measurement.robustExamples, seed: measurement.seed,
                threads: threads)
        let report = Report(
            model: path, run: model.run.rawValue, round: model.version.rawValue, width: model.width,
            robustness: detected == nil ? .mixed(model.card.robustness) : .detected, dataset: test.name,
            domain: data.domain, examples: test.count, result: result, attack: attack,
            detection: detected.map { Detection(falseAlarms: $0.falseAlarms, detections: $0.detections) })
        let robust = try measurement.line(result, of: test.count)
        switch format {
        case .json: print(try JSONText.text(report))
        case .text: print(Terminal.printable(report.lines(on: data, robust: robust).joined(separator: "\n")))
        }
    }

    private struct Report: Encodable {
        let model: String
        let run: String
        let round: Int
        let width: WidthRatio
        let robustness: BranchChoice
        let dataset: String
        let domain: ModelCard.Domain?
        let examples: Int
        let result: Evaluation
        let attack: AttackSpec?
        let detection: Detection?

        func lines(on data: ModelData, robust: String?) -> [String] {
            var lines = [
                "model     \(model), round \(round) of run \(run)",
                "data      \(data.title)",
                "accuracy  \(Quantity.decimal(100 * result.accuracy, 2)) %, loss \(Quantity.decimal(result.loss, 3))",
            ]
            if let robust { lines.append(robust) }
            if let detection {
                let attacked =
                    detection.detections.map { ", and \(Quantity.decimal(100 * $0, 2)) % of what the attack made" }
                    ?? ""
                lines.append(
                    "detector  takes \(Quantity.decimal(100 * detection.falseAlarms, 2)) % of the examples for attacked\(attacked)"
                )
            }
            return lines
        }
    }

    /// What the detector said.
    private struct Detection: Encodable {
        /// The share of the examples as they are that it took for attacked.
        let falseAlarms: Double
        /// The share of what the attack made.
        let detections: Double?
    }
}
