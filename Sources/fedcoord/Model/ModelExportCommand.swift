// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedModelOptions
import FedModels
import Foundation

struct ModelExportCommand: AsyncParsableCommand {
    /// The formats that models are exported to.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case onnx
    }

    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes a model for other programs: ONNX, as onnxruntime reads it.",
        discussion: """
            All base networks are one graph, from 'images', float32 [batch, channels, rows, columns], to 'logits', float32 [batch, \
            classes]; dual batch norms are mixed by the robustness.

            Example: fedcoord model export digits-1 --width 1/4 --output quarter.onnx
            """)

    @OptionGroup var model: ModelOptions

    @OptionGroup var cut: CutOptions

    @Option(help: "The format: onnx.")
    var format = Format.onnx

    @Option(
        help: ArgumentHelp(
            "That worker's own model, where a run leaves parameters to its workers: says how its owner, who alone has it, gets it.",
            valueName: "name"))
    var worker: String?

    @Option(help: ArgumentHelp("Where to write the file.", valueName: "file"))
    var output: String

    func run() async throws {
        let path = try await model.path()
        let whole = try TrainedModel(reading: path)
        if let worker {
            guard whole.card.workersOwn != nil else {
                throw ProgramFailure(
                    .usage, "run \(whole.run) has one model for all workers: leave --worker out")
            }
            throw ProgramFailure(
                .usage,
                "only \(worker) has its own model, and the coordinator cannot give it to anybody: export it there with "
                    + "'fedworker export --run \(whole.run) --output \(output)'; of a simulation with --personal-models, name the file "
                    + "personal/\(worker).safetensors")
        }
        try OutputFile.check(output, apartFrom: [path])
        let model = try cut.cut(whole)
        let bytes = try model.onnx()
        try OutputFile.write(Data(bytes), to: output)
        var lines = try ModelSummary(model, path: output).lines
        lines.append("wrote     \(output), \(Quantity.bytes(bytes.count))")
        print(Terminal.printable(lines.joined(separator: "\n")))
    }
}
