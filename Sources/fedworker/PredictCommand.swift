// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedModelOptions
import FedModels
import FedTraining
import Foundation

struct PredictCommand: AsyncParsableCommand {
    /// How predictions are printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    static let configuration = CommandConfiguration(
        commandName: "predict", abstract: "Says which class a model sees in images.",
        discussion: """
            The model is the model.safetensors of a finished run, or what 'fedcoord model customize' wrote; where none is named it is \
            the worker's own, as runs leave it that keep parameters with their workers. Images are PNG or JPEG \
            files of any size: they are resized to what the model takes, and made grey or coloured as it needs.

            Examples:
              fedworker predict half.safetensors seven.png
              fedworker predict --state ~/.fedworker seven.png
            """)

    @Argument(help: "The images, behind the model file (.safetensors) if it is not the worker's own model.")
    var files: [String]

    @OptionGroup var own: PersonalOptions

    @OptionGroup var branch: BranchOptions

    @Option(help: ArgumentHelp("How many classes to show of each image.", valueName: "count"))
    var top = 1

    @Option(help: "How to print: text or json.")
    var format = Format.text

    func validate() throws {
        guard top >= 1 else { throw ValidationError("--top takes 1 or more") }
        guard !images.isEmpty else { throw ValidationError("name at least one image") }
    }

    func run() async throws {
        let model = try branch.applied(to: own.model(file: modelFile).model)
        guard !DatasetRegistry.tabular.contains(model.card.dataset) else {
            throw ProgramFailure(
                .usage, "the model was trained on rows of a table (\(model.card.dataset)): it does not take images")
        }
        try model.checkPredictsAlone()
        let detecting = try branch.detecting(model)
        let network = try model.makeNetwork(maximumBatch: 1)
        var answers: [Answer] = []
        for image in images {
            let values = try DecodedImage(contentsOf: image).fitted(to: model.input)
            let seen = detecting?.predict(values, with: network)
            let prediction = seen?.prediction ?? model.predict(values, with: network)
            answers.append(
                Answer(image: image, classes: Array(prediction.classes.prefix(top)), isDetected: seen?.isDetected))
        }
        switch format {
        case .json:
            print(try JSONText.text(answers))
        case .text: for answer in answers { print(Terminal.printable(answer.line)) }
        }
    }

    private var modelFile: String? { files.first.flatMap { $0.hasSuffix(".safetensors") ? $0 : nil } }

    private var images: ArraySlice<String> { files.dropFirst(modelFile == nil ? 0 : 1) }

    /// What is seen in one image.
    private struct Answer: Encodable {
        let image: String
        let classes: [Prediction.Class]
        /// Whether a detector took it for attacked; nil where none was asked.
        let isDetected: Bool?

        /// As in `seven.png  7 98.2 %  1 0.9 %`, and `attacked` behind it where a detector says so.
        var line: String {
            ([image] + classes.map { "\($0.name) \(Quantity.decimal(100 * $0.probability, 1)) %" }
                + (isDetected == true ? ["attacked"] : []))
                .joined(separator: "  ")
        }
    }
}
