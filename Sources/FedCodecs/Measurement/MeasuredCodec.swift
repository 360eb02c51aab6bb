// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// A codec that is being measured on one update.
struct MeasuredCodec {
    /// Bytes that are decoded at a time, as a coordinator takes them from a connection.
    private static let chunk = 256 << 10

    private let spec: CodecSpec
    private let codec: any GradientCodec
    private let update: ParameterVector
    private let generator: SeededGenerator
    private let loss: UpdateLoss
    private let payloadBytes: Int
    private var encoding: [Double] = []
    private var folding: [Double] = []

    /// Encodes and decodes the update once; throws `CodecError`.
    init(_ spec: CodecSpec, update: ParameterVector, generator: SeededGenerator) throws(CodecError) {
        self.spec = spec
        self.update = update
        self.generator = generator
        codec = try CodecRegistry.codec(spec)
        let payload = try codec.encode(update, generator: generator)
        payloadBytes = payload.count
        loss = UpdateLoss(of: update, decoded: try codec.decode(payload, layout: update.layout))
    }

    /// Takes a time of both directions; throws `CodecError`.
    mutating func measure(with stopwatch: Stopwatch, sum: inout MeasuredSum) throws(CodecError) {
        var payload: [UInt8] = []
        encoding.append(
            try stopwatch.time { () throws(CodecError) in payload = try codec.encode(update, generator: generator) })
        let chunks = stride(from: 0, to: payload.count, by: Self.chunk).map {
            Array(payload[$0..<min($0 + Self.chunk, payload.count)])
        }
        payload = []
        folding.append(
            try stopwatch.time { () throws(CodecError) in
                try sum.fold(chunks, with: UpdateDecoder(codec, layout: update.layout))
            })
    }

    /// The medians of the times so far.
    var measurement: CodecMeasurement {
        CodecMeasurement(
            spec: spec, entries: update.values.count, payloadBytes: payloadBytes, loss: loss,
            encodeSeconds: CodecBenchmark.median(encoding), foldSeconds: CodecBenchmark.median(folding))
    }
}
