// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCommandLine
import FedCoordinator
import FedCore
import FedStore
import FedTraining
import Foundation

/// The update that `fedcoord codec bench` measures codecs on.
struct MeasuredUpdate {
    /// The model, for people to read.
    let name: String
    /// Where the update's entries come from, for people to read.
    let origin: String
    /// The update.
    let update: ParameterVector
    /// The codec of the run file that was named, if one was.
    let uplink: CodecSpec?

    /// What lies between two models; throws `StoreError`, or `ProgramFailure` for files that hold different tensors, the
    /// same values or none that can be subtracted.
    init(from before: String, to after: String) throws {
        let base = try SafetensorsModel.read(before)
        let next = try SafetensorsModel.read(after)
        guard base.layout == next.layout else {
            throw ProgramFailure(
                .usage,
                "\(before) and \(after) hold different tensors: names, shapes and their order in the files must be the same"
            )
        }
        update = next.difference(from: base)
        guard update.isFinite else {
            throw ProgramFailure(.usage, "the change from \(before) to \(after) holds NaN or infinity")
        }
        guard update.values.contains(where: { $0 != 0 }) else {
            throw ProgramFailure(.usage, "\(before) and \(after) hold the same values: there is no change to measure")
        }
        name = after
        origin = "the change since \(before)"
        uplink = nil
    }

    /// Normal numbers in the layout of a model: a number of parameters, an architecture, a safetensors file or a run
    /// file. `input` is as in `28x28x1`; nil, as for `classes`, for what is usual.
    ///
    /// Throws `ProgramFailure` for a model that is none of these, else as reading it does.
    init(of model: String, input: String?, classes: Int?, seed: UInt64) throws {
        let layout: ModelLayout
        var uplink: CodecSpec?
        var name = model
        for (option, isGiven) in [("--input", input != nil), ("--classes", classes != nil)] {
            guard isGiven, !ModelZoo.names.contains(model) else { continue }
            throw ProgramFailure(
                .usage, "\(option) is for an architecture by name, which \(model) is not: leave it out")
        }
        if let count = try Self.count(model) {
            layout = try Self.flat(count)
        } else if ModelZoo.names.contains(model) {
            let shape = try input.map(Self.shape) ?? Self.usualShape(of: model)
            let classes = classes ?? 10
            layout = try ModelZoo.layout(ModelSpec(architecture: model), input: shape, classes: classes)
            name = "\(model) for \(shape) in \(classes) classes"
        } else if model.hasSuffix(".safetensors") {
            layout = try SafetensorsModel.layout(of: model)
        } else if FileManager.default.fileExists(atPath: model) || model.hasSuffix(".yaml") || model.hasSuffix(".yml") {
            let config = try Self.runFile(model)
            layout = try CentralModel.engine(for: config).layout
            name = "\(config.model.architecture) of \(model)"
            uplink = config.uplink
        } else {
            throw ProgramFailure(
                .usage,
                NearestName.unknown("architecture", model, among: ModelZoo.names)
                    + "; or name a run file, a .safetensors file or a number such as 1M")
        }
        try Self.requireMemory(for: layout.count)
        self.name = name
        self.uplink = uplink
        origin = "normal numbers, seed \(seed)"
        update = try Self.normal(layout, seed: seed)
    }
}

extension MeasuredUpdate {
    /// 1M, 2.5k, 25_000_000; nil for what is no number. Throws `ProgramFailure` for one out of range.
    private static func count(_ text: String) throws -> Int? {
        let factors: [Character: Double] = ["k": 1e3, "m": 1e6, "g": 1e9]
        let factor = text.lowercased().last.flatMap { factors[$0] }
        let digits = (factor == nil ? text[...] : text.dropLast()).replacingOccurrences(of: "_", with: "")
        guard let first = digits.first, first.isNumber || "+-.".contains(first), let value = Double(digits) else {
            return nil
        }
        let count = value * (factor ?? 1)
        guard count >= 1, count <= Double(ModelLayout.maximumCount), count == count.rounded() else {
            throw ProgramFailure(.usage, "a model has 1 to \(ModelLayout.maximumCount) parameters, not \(text)")
        }
        return Int(count)
    }

    /// The run file at a path; throws `ConfigurationError`, or `ProgramFailure` for a file that may be meant to be a model.
    private static func runFile(_ path: String) throws -> RunConfig {
        do {
            return try RunFile.load(URL(fileURLWithPath: path)).validated(for: CentralModel.vocabulary)
        } catch {
            guard error.code == .malformed, !path.hasSuffix(".yaml"), !path.hasSuffix(".yml") else { throw error }
            throw ProgramFailure(
                .usage, "\(error.message); if it is a model and no run file: files of models end in .safetensors")
        }
    }

    private static func flat(_ count: Int) throws -> ModelLayout {
        try ModelLayout([ParameterSpec(name: "weight", shape: [count], role: .weight)])
    }

    private static func usualShape(of architecture: String) -> InputShape {
        switch architecture {
        case "digits-cnn": InputShape(channels: 3, height: 28, width: 28)
        case "preact-resnet18", "resnet20": InputShape(channels: 3, height: 32, width: 32)
        default: InputShape(channels: 1, height: 28, width: 28)
        }
    }

    private static func shape(_ text: String) throws -> InputShape {
        let sizes = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard sizes.count == 3, sizes.allSatisfy({ (1...65_536).contains($0) }) else {
            throw ProgramFailure(.usage, "--input takes rows, columns and channels as in 28x28x1, not \(text)")
        }
        return InputShape(channels: sizes[2], height: sizes[0], width: sizes[1])
    }

    /// The update, a sum, two copies of the values, and a payload with what an encoder needs besides.
    private static func requireMemory(for count: Int) throws {
        let needed = 32 * count
        guard needed <= ProcessInfo.processInfo.physicalMemory else {
            throw ProgramFailure(
                .usage, "measuring \(count) parameters takes \(Quantity.bytes(needed)) of memory: take a smaller model")
        }
    }

    /// A tensor's deviation is 0.1/√n where n entries make one output, and 0.01 for tensors of one dimension.
    private static func normal(_ layout: ModelLayout, seed: UInt64) throws -> ParameterVector {
        var vector = ParameterVector(zeros: layout)
        var generator = SeededGenerator(key: seed).stream("update")
        vector.withMutableValues { values in
            for (parameter, segment) in zip(layout.parameters, layout.segments) {
                let inputs = parameter.shape.dropFirst().reduce(1, *)
                let deviation = parameter.shape.count > 1 ? 0.1 / Double(inputs).squareRoot() : 0.01
                for index in segment {
                    values[index] = Float(deviation * NormalDistribution.sample(using: &generator))
                }
            }
        }
        return vector
    }
}
