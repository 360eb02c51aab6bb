// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedModelOptions
import FedModels
import Foundation

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes this worker's own model as ONNX for other programs.",
        discussion: """
            Nobody else has this model: what it learned beside the others is at this worker only. The graph takes 'images', float32 \
            [batch, channels, rows, columns], and gives 'logits', float32 [batch, classes].

            Example: fedworker export --robustness 1 --output own.onnx
            """)

    @Argument(help: "A model file; without it the worker's own model.")
    var file: String?

    @OptionGroup var own: PersonalOptions

    @OptionGroup var cut: CutOptions

    @Option(help: ArgumentHelp("Where to write the file.", valueName: "file"))
    var output: String

    func run() async throws {
        let (model, path) = try own.model(file: file)
        try OutputFile.check(output, apartFrom: [path])
        let bytes = try cut.cut(model).onnx()
        try OutputFile.write(Data(bytes), to: output)
        print(
            Terminal.printable(
                "model     \(path), round \(model.version) of run \(model.run)\nwrote     \(output), "
                    + Quantity.bytes(bytes.count)))
    }
}
