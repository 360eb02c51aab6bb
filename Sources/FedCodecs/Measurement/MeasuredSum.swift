// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// A sum that updates are added to and taken out of in turn, so that it never overflows however often that is measured.
struct MeasuredSum {
    /// What a worker's examples count.
    private static let weight: Int64 = 60
    /// No larger value is added, as in a coordinator.
    private static let valueBound: Float = 1024

    private var accumulator: FixedPointAccumulator
    private var weight = Self.weight

    /// A sum of `count` zeros.
    init(count: Int) throws(CodecError) {
        do throws(CoreError) {
            accumulator = try FixedPointAccumulator(
                count: count, valueBound: Self.valueBound, weightBound: Self.weight * 1000)
        } catch {
            throw CodecError(.valueOutOfRange, error.message)
        }
    }

    /// Decodes a payload that arrived in `chunks` into the sum; throws `CodecError`.
    mutating func fold(_ chunks: [[UInt8]], with decoder: consuming UpdateDecoder) throws(CodecError) {
        for chunk in chunks {
            try decoder.push(chunk) { (piece) throws(CodecError) in
                do throws(CoreError) {
                    try accumulator.add(piece, weight: weight)
                } catch {
                    throw CodecError(.valueOutOfRange, error.message)
                }
            }
        }
        try decoder.finish()
        weight = -weight
    }
}
