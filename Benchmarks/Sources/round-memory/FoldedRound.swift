// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import FedStrategies

/// A round's sum as a coordinator holds it, to which payloads are added while they arrive.
struct FoldedRound {
    /// Bytes that arrive at a time.
    private static let chunk = 256 << 10
    private static let weightBound: Int64 = 1 << 20

    /// What a coordinator keeps of an update that is arriving: what it has decoded half, and its bytes for the journal.
    private struct Arriving {
        let file: PayloadFile
        let weight: Int64
        var decoder: UpdateDecoder
        var payload: [UInt8] = []
        var isComplete = false
    }

    private let codec: any GradientCodec
    private let layout: ModelLayout
    private var aggregation: any Aggregation

    init(codec: any GradientCodec, layout: ModelLayout) throws {
        self.codec = codec
        self.layout = layout
        aggregation = try WeightedMeanAggregator().begin(count: layout.count, weightBound: Self.weightBound)
    }

    /// Adds payloads that arrive at the same time, a chunk of each in turn; returns how many bytes they had.
    mutating func fold(_ updates: [(path: String, weight: Int64)]) throws -> Int {
        var arriving = try updates.map { path, weight in
            let file = try PayloadFile(path, PayloadFile.reading)
            var update = Arriving(file: file, weight: weight, decoder: UpdateDecoder(codec, layout: layout))
            update.payload.reserveCapacity(try file.count())
            return update
        }
        while let first = arriving.firstIndex(where: { !$0.isComplete }) {
            for index in first..<arriving.count where !arriving[index].isComplete {
                let chunk = try arriving[index].file.read(Self.chunk)
                guard !chunk.isEmpty else {
                    try arriving[index].decoder.finish()
                    try aggregation.count(weight: arriving[index].weight)
                    arriving[index].isComplete = true
                    continue
                }
                arriving[index].payload += chunk
                let weight = arriving[index].weight
                try arriving[index].decoder.push(chunk) { (piece) throws(CodecError) in
                    do throws(CoreError) {
                        try aggregation.add(piece, weight: weight)
                    } catch {
                        throw CodecError(.valueOutOfRange, error.message)
                    }
                }
            }
        }
        return arriving.reduce(0) { $0 + $1.payload.count }
    }

    /// The mean of all that was added, after which nothing can be added.
    mutating func takeMean() -> [Float] { aggregation.takeResult() }
}
