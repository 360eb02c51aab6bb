// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Scales that all workers of a round share (TernGrad, section 3.2, scaler sharing).
extension TernaryCodec {
    /// The worker's own scale of each coded tensor, in layout order: what it sends to be compared with the others'.
    ///
    /// Throws `CodecError.nonFiniteValue` for NaN or infinity anywhere in the update.
    public func scales(of update: ParameterVector) throws(CodecError) -> [Float] {
        let sections = sections(update.layout)
        return try update.values.withUnsafeBufferPointer { (values) throws(CodecError) in
            for segment in sections.exact {
                try FiniteCheck.check(UnsafeBufferPointer(rebasing: values[segment]))
            }
            var scales: [Float] = []
            scales.reserveCapacity(sections.coded.count)
            for segment in sections.coded {
                scales.append(try TensorScale.scale(of: UnsafeBufferPointer(rebasing: values[segment]), clip: clip))
            }
            return scales
        }
    }

    /// The payload with scales that others decided on, one for each coded tensor.
    ///
    /// Each tensor is first clipped as if its own scale were used, then at the given one. Throws as `encode` does, and
    /// `CodecError.invalidScale` for another number of scales or one that `SharedScales` would not give.
    public func encode(
        _ update: ParameterVector, scales: [Float], generator: SeededGenerator
    ) throws(CodecError) -> [UInt8] {
        let limits = try self.scales(of: update)
        guard scales.count == limits.count else {
            throw CodecError(.invalidScale, "there are \(scales.count) shared scales, this model takes \(limits.count)")
        }
        try TensorScale.check(scales)
        return try encode(update, limits: limits, scales: scales, generator: generator)
    }

    /// The scales in a payload for `layout`, one for each coded tensor.
    ///
    /// Reads the beginning of the payload only. Throws `CodecError` where that is not a payload's.
    public func scales(in payload: [UInt8], layout: ModelLayout) throws(CodecError) -> [Float] {
        let count = sections(layout).coded.count
        guard payload.count >= PayloadHeader.count + 4 * count else {
            throw CodecError(.truncated, "the payload ends within its scales")
        }
        var failure: CodecError?
        var scales: [Float] = []
        payload.withUnsafeBytes { bytes in
            do throws(CodecError) {
                let header = UnsafeRawBufferPointer(rebasing: bytes.prefix(PayloadHeader.count))
                _ = try PayloadHeader.read(
                    header, wireNumber: wireNumber, version: Self.version, oldest: Self.oldestVersion)
                scales = try TensorScale.read(
                    UnsafeRawBufferPointer(rebasing: bytes.dropFirst(PayloadHeader.count).prefix(4 * count)))
            } catch { failure = error }
        }
        if let failure { throw failure }
        return scales
    }

    /// A reader that refuses, with `CodecError.invalidScale`, a payload whose scales are not just these.
    public func makeReader(layout: ModelLayout, sharedScales: [Float]) -> any PayloadReader {
        TernaryReader(sections(layout), expecting: sharedScales)
    }
}
