// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedModelOptions
import FedModels
import FedTraining
import Foundation

struct ModelCustomizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "customize",
        abstract: "Cuts a model to a width and a robustness, without training.",
        discussion: """
            The width is a multiple of a base network's, up to that of the model; the first base networks are taken. With --data \
            they are ordered by their accuracy on a validation part of the data before: the last fifth of each class of the \
            training part, never the test part. Without it they stay in the order of the model. A model of heterofl is cut to one \
            of the widths that were trained in it.

            Example: fedcoord model customize digits-1 --width 1/2 --robustness 0.3 --output half.safetensors
            """)

    @OptionGroup var model: ModelOptions

    @OptionGroup var cut: CutOptions

    @OptionGroup var data: DataOptions

    @Option(help: ArgumentHelp("Where to write the model.", valueName: "file"))
    var output: String

    func run() async throws {
        let path = try await model.path()
        let place = try OutputFile.file(output, apartFrom: [path])
        var whole = try cut.normalizing(TrainedModel(reading: path))
        var lines: [String] = []
        if let data = try data.load(for: whole) { (whole, lines) = try Self.ordered(whole, by: data) }
        let begin = ContinuousClock.now
        let cut = try cut.cut(whole)
        let digest = try cut.write(to: place)
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        lines += try ModelSummary(cut, path: output).lines
        lines.append("wrote     \(output) in \(Quantity.seconds(seconds)), SHA-256 of its values \(digest)")
        print(Terminal.printable(lines.joined(separator: "\n")))
    }

    /// The model with its base networks ordered by their accuracy on the validation part, and what there is to say of it.
    static func ordered(_ model: TrainedModel, by data: ModelData) throws -> (TrainedModel, [String]) {
        guard model.card.model.bases > 1 else { return (model, []) }
        let validation = data.validation
        let accuracies = try model.baseAccuracies(
            on: validation, threads: ProcessInfo.processInfo.activeProcessorCount)
        let shown = zip(model.card.bases, accuracies).map { "\($0) \(Quantity.decimal(100 * $1, 1)) %" }
        return (
            model.ordered(by: accuracies),
            ["bases     on \(validation.count) validation examples: \(shown.joined(separator: ", "))"]
        )
    }
}
