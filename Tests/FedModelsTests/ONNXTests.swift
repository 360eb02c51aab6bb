// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedModels
import FedStore
import FedTestSupport
import FedTraining
import Foundation
import Testing

private enum Python {
    static let hasRuntime = run("import onnxruntime, onnx, numpy", []).status == 0

    static func run(_ program: String, _ arguments: [String]) -> (status: Int32, output: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", program] + arguments
        process.standardOutput = pipe
        process.standardError = pipe
        do { try process.run() } catch { return (-1, "\(error)") }
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    /// Checks every `*.onnx` of a folder, and writes the logits of `*.images` beside it as `*.logits`.
    static let script = """
        import glob, sys, numpy, onnx, onnxruntime
        for path in sorted(glob.glob(sys.argv[1] + "/*.onnx")):
            onnx.checker.check_model(onnx.load(path), full_check=True)
            session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
            (images,), (logits,) = session.get_inputs(), session.get_outputs()
            assert images.name == "images" and logits.name == "logits" and images.shape[0] == "batch", path
            values = numpy.fromfile(path[:-5] + ".images", "<f4").reshape([-1] + images.shape[1:])
            for part in values[:1], values:
                result = session.run(["logits"], {"images": part})[0]
                assert list(result.shape) == [len(part)] + logits.shape[1:], path
            result.astype("<f4").tofile(path[:-5] + ".logits")
        """
}

/// ONNX files, run by another program.
@Suite struct ONNXTests {
    /// Every architecture and normalisation, one network and several, at every kind of λ.
    private static func cases() throws -> [(spec: ModelSpec, robustness: Float)] {
        var cases: [(ModelSpec, Float)] = []
        for name in ModelZoo.names {
            for (normalization, share, bases) in [
                (Normalization.batch, Float(0), 1), (.batch, 0, 3), (.dualShared, 0.4, 2), (.dualSeparate, 0, 1),
                (.dualSeparate, 0.3, 3), (.dualSeparate, 1, 2),
            ] where normalization == .batch || ModelZoo.normalizedNames.contains(name) {
                cases.append(
                    (
                        ModelSpec(
                            architecture: name, width: try WidthRatio(1, 8), normalization: normalization,
                            dropout: 0.1, bases: bases), share
                    ))
            }
        }
        return cases
    }

    /// A model with seeded parameters, variances and scales in [1/2, 3/2), and with means and shifts beside 0.
    private static func checkpoint(_ card: ModelCard, _ input: InputShape) throws -> Checkpoint {
        let network = try ModelZoo.makeNetwork(
            card.model, input: input, classes: card.examples.classes, maximumBatch: 1)
        network.initialize(using: SeededGenerator(key: 3))
        var generator = SeededGenerator(key: 4)
        var values = network.parameters()
        for (parameter, segment) in zip(network.layout.parameters, network.layout.segments)
        where parameter.role != .weight && parameter.role != .bias {
            let isPositive = parameter.role == .normScale || parameter.name.hasSuffix("var")
            for index in segment { values[index] = generator.nextUnitFloat() + (isPositive ? 0.5 : -0.5) }
        }
        var checkpoint = Checkpoint(
            run: try RunID("onnx"), version: ModelVersion(1),
            parameters: try ParameterVector(layout: network.layout, values: values))
        try checkpoint.describe(card)
        return checkpoint
    }

    @Test(.enabled(if: Python.hasRuntime, "needs python3 with onnxruntime and onnx (pip install onnxruntime onnx)"))
    func anotherProgramGetsTheSameLogits() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("onnx-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let input = InputShape(channels: 3, height: 20, width: 16)
        let batch = 5
        var generator = SeededGenerator(key: 9)
        let images = (0..<(batch * input.count)).map { _ in generator.nextUnitFloat() }
        var expected: [(name: String, logits: [Float])] = []
        for (number, (spec, robustness)) in try Self.cases().enumerated() {
            let card = ModelCard(
                model: spec, examples: ExampleShape(channels: 3, height: 20, width: 16, classes: 7), dataset: "noise",
                robustness: robustness)
            try CheckpointFile.write(Self.checkpoint(card, input), name: "\(number).safetensors", in: folder)
            let model = try TrainedModel(reading: "\(folder)/\(number).safetensors")
            try Data(model.onnx()).write(to: URL(fileURLWithPath: "\(folder)/\(number).onnx"))
            try images.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: "\(folder)/\(number).images")) }
            let mode = PassMode(statistics: .running, branch: PassMode.Branch(adversarialShare: robustness))
            expected.append(
                (
                    "\(spec.bases) x \(spec.architecture), \(spec.normalization.rawValue), \(robustness)",
                    try model.makeNetwork(maximumBatch: batch).logits(images: images, mode: mode)
                ))
        }
        let (status, output) = Python.run(Python.script, [folder])
        try #require(status == 0, "\(output)")
        for (number, (name, logits)) in expected.enumerated() {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(number).logits"))
            let found = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
            #expect(found.count == logits.count, "\(name)")
            let largest = logits.map(\.magnitude).max() ?? 0
            let error = zip(found, logits).map { abs($0 - $1) }.max() ?? .infinity
            #expect(error <= 1e-4 * max(1, largest), "\(name): differs by \(error) of \(largest)")
        }
    }

    /// The file itself: what a reader of protocol buffers finds in its outermost message.
    @Test func theFileIsAModelOfTheFormat() async throws {
        let model = try await MixtureModel.withFile { try TrainedModel(reading: $0) }
        let bytes = try model.customized(width: WidthRatio(1, 4), robustness: 0.3).onnx()
        var fields: [Int: [[UInt8]]] = [:]
        var rest = bytes[...]
        func varint() -> Int {
            var (value, shift) = (0, 0)
            while let byte = rest.popFirst() {
                value |= Int(byte & 0x7F) << shift
                shift += 7
                if byte < 0x80 { break }
            }
            return value
        }
        while !rest.isEmpty {
            let key = varint()
            if key & 7 == 0 {
                fields[key >> 3, default: []].append([UInt8(varint())])
            } else {
                #expect(key & 7 == 2)
                let count = varint()
                fields[key >> 3, default: []].append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
        }
        #expect(fields[1] == [[7]] && fields[2] == [Array("fedcoord".utf8)])
        #expect(fields[7]?.count == 1 && fields[8] == [[0x0A, 0, 0x10, 13]])
        let metadata = (fields[14] ?? []).map { String(decoding: $0, as: UTF8.self) }
        #expect(metadata.contains { $0.contains("robustness") && $0.contains("0.3") })
        #expect(metadata.contains { $0.contains("digit 0\ndigit 1") })
        let graph = fields[7]?.first ?? []
        let text = String(decoding: graph, as: UTF8.self)
        #expect(text.contains("base.1/conv1.weight") && !text.contains("base.2/") && text.contains("Mean"))
    }
}
