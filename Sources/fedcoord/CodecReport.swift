// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCommandLine
import FedCore
import Foundation

/// What `fedcoord codec bench` says.
struct CodecReport {
    private let subject: MeasuredUpdate
    private let benchmark: CodecBenchmark
    private let rounds: Int
    /// The preset that each codec was named by; nil for those named otherwise.
    private let presets: [CodecSpec.Preset?]
    private var entries: Int { subject.update.values.count }
    private var copiedPerSecond: Double { Double(entries) / benchmark.copySeconds }

    init(subject: MeasuredUpdate, benchmark: CodecBenchmark, rounds: Int, presets: [CodecSpec.Preset?]) {
        precondition(presets.count == benchmark.codecs.count, "a preset or none for each codec")
        self.subject = subject
        self.benchmark = benchmark
        self.rounds = rounds
        self.presets = presets
    }

    /// A table.
    var text: String {
        let codecs = benchmark.codecs
        let table = TextTable([
            .init("codec", isNumber: false, cells: zip(codecs, presets).map { $1?.name ?? $0.spec.codec.rawValue }),
            .init("options", isNumber: false, cells: codecs.map { $0.spec.optionsInForce.joined(separator: " ") }),
            .init("bytes", cells: codecs.map { Quantity.bytes($0.payloadBytes) }),
            .init("bits", cells: codecs.map { Quantity.decimal($0.bitsPerEntry, $0.bitsPerEntry < 1 ? 4 : 3) }),
            .init("ratio", cells: codecs.map { Quantity.factor($0.payloadBytes, of: 4 * $0.entries) }),
            .init("encode", cells: codecs.map { Self.millions($0.encodedEntriesPerSecond) }),
            .init("fold", cells: codecs.map { Self.millions($0.foldedEntriesPerSecond) }),
            .init("kept %", cells: codecs.map { Self.percent(Double($0.loss.nonZeros) / Double($0.entries)) }),
            .init("error", cells: codecs.map { Quantity.decimal($0.loss.relativeError, 4) }),
            .init("cosine", cells: codecs.map { Quantity.decimal($0.loss.cosine, 4) }),
        ])
        let tensors = subject.update.layout.parameters.count
        return """
            \(subject.name): \(entries) parameters in \(tensors) \(tensors == 1 ? "tensor" : "tensors"), \
            \(Quantity.bytes(4 * entries)) as float32
            update: \(subject.origin)

            \(table.lines.joined(separator: "\n"))

            bits: of the payload for each parameter. encode, fold: M parameters in a second of CPU time, zeros included, \
            medians of
            \(rounds) \(rounds == 1 ? "round" : "rounds"); to fold is to decode and add to the coordinator's sum. kept: \
            parameters that are not 0 afterwards.
            copying the float32 values in memory: \(Self.millions(copiedPerSecond)) M parameters a second \
            (\(Quantity.decimal(4 * copiedPerSecond / 1e9, 1)) GB/s)\(remarks.map { "\n" + $0 }.joined())
            """
    }

    /// What the table does not say of some codecs.
    private var remarks: [String] {
        var remarks: [String] = []
        if benchmark.codecs.contains(where: { $0.spec.codec == CodecID("ternary-sum") }) {
            remarks.append(
                "ternary-sum: the sum of one update here; that of N updates takes up to log2(2N+1) bits a parameter")
        }
        let named = CodecSpec.presets.filter { presets.contains($0) }
        if !named.isEmpty {
            let steps = named.map { "\($0.name) \($0.steps)" }.joined(separator: ", ")
            remarks.append(
                "presets are sbc with a density, so that equal densities make equal bytes; training.steps: \(steps)")
        }
        return remarks
    }

    /// The same for programs.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(document), as: UTF8.self)
    }

    private static func millions(_ rate: Double) -> String {
        Quantity.decimal(rate / 1e6, rate < 1e7 ? 1 : 0)
    }

    private static func percent(_ share: Double) -> String { Quantity.decimal(100 * share, share < 0.0999 ? 2 : 1) }
}

extension CodecReport {
    /// The report as JSON has it; speeds are of CPU time.
    private struct Document: Encodable {
        struct Codec: Encodable {
            let spec: CodecSpec
            let preset: String?
            let payloadBytes: Int
            let bitsPerParameter: Double
            let ratio: Double
            let encodedPerSecond: Double
            let foldedPerSecond: Double
            let foldedNonZerosPerSecond: Double
            let nonZeros: Int
            let relativeError: Double
            let cosine: Double
        }

        let model: String
        let update: String
        let parameters: Int
        let tensors: Int
        let rounds: Int
        let copiedPerSecond: Double
        let codecs: [Codec]
    }

    private var document: Document {
        Document(
            model: subject.name, update: subject.origin, parameters: entries,
            tensors: subject.update.layout.parameters.count, rounds: rounds, copiedPerSecond: copiedPerSecond,
            codecs: zip(benchmark.codecs, presets).map {
                .init(
                    spec: $0.spec, preset: $1?.name, payloadBytes: $0.payloadBytes, bitsPerParameter: $0.bitsPerEntry,
                    ratio: $0.ratio,
                    encodedPerSecond: $0.encodedEntriesPerSecond, foldedPerSecond: $0.foldedEntriesPerSecond,
                    foldedNonZerosPerSecond: $0.foldedNonZerosPerSecond, nonZeros: $0.loss.nonZeros,
                    relativeError: $0.loss.relativeError, cosine: $0.loss.cosine)
            })
    }
}
