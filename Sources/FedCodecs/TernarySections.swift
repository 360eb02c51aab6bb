// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Where the parts of a ternary payload lie, which the layout alone decides.
struct TernarySections {
    /// The clip factor c: a tensor is clipped at c standard deviations (TernGrad, section 3.2).
    static let clipFactor = 2.5
    /// A scale below this is written as 0: such a tensor is as good as zero, and products stay normal numbers.
    static let smallestScale: Float = 0x1p-100

    /// The tensors sent as trits, in layout order.
    let ternary: [Range<Int>]
    /// The tensors sent as float32, in layout order: running statistics.
    let exact: [Range<Int>]
    /// The number of trits.
    let ternaryCount: Int
    /// The number of float32 values.
    let exactCount: Int

    /// Divides a layout's tensors by their roles.
    init(_ layout: ModelLayout) {
        var ternary: [Range<Int>] = []
        var exact: [Range<Int>] = []
        for (parameter, segment) in zip(layout.parameters, layout.segments) {
            if parameter.role.isStatistics { exact.append(segment) } else { ternary.append(segment) }
        }
        self.ternary = ternary
        self.exact = exact
        ternaryCount = ternary.reduce(0) { $0 + $1.count }
        exactCount = layout.count - ternaryCount
    }

    /// Where the float32 values start.
    var exactOffset: Int { PayloadHeader.count + 4 * ternary.count }
    /// Where the packed trits start.
    var tritsOffset: Int { exactOffset + 4 * exactCount }
    /// The bytes of every payload of the layout.
    var payloadCount: Int { tritsOffset + (ternaryCount + 4) / 5 }

    /// The scale of each ternary tensor; throws `CodecError.nonFiniteValue` for NaN or infinity anywhere.
    func scales(of values: UnsafeBufferPointer<Float>) throws(CodecError) -> [Float] {
        for segment in exact where !values[segment].allSatisfy(\.isFinite) { throw FiniteCheck.error }
        var scales: [Float] = []
        scales.reserveCapacity(ternary.count)
        for segment in ternary {
            let tensor = UnsafeBufferPointer(rebasing: values[segment])
            let moments = fed_ternary_moments(tensor.baseAddress, tensor.count)
            guard moments.largest.isFinite else { throw FiniteCheck.error }
            scales.append(Self.scale(moments, count: tensor.count))
        }
        return scales
    }

    /// s = min(max|v|, bound), where bound is c standard deviations, or the root mean square where that is larger.
    ///
    /// The root mean square matters only for tensors whose mean dwarfs their spread, such as those of one entry, which
    /// c·σ = 0 would erase.
    private static func scale(_ moments: fed_ternary_moments_t, count: Int) -> Float {
        let mean = moments.sum / Double(count)
        let meanSquare = moments.sum_of_squares / Double(count)
        let deviation = max(0, meanSquare - mean * mean).squareRoot()
        let bound = max(clipFactor * deviation, meanSquare.squareRoot())
        let scale = min(moments.largest, Float(bound))
        return scale < smallestScale ? 0 : scale
    }

    /// The scales in a payload's part; throws `CodecError.invalidScale`.
    func readScales(_ part: UnsafeRawBufferPointer) throws(CodecError) -> [Float] {
        let scales = [Float](unsafeUninitializedCapacity: ternary.count) { scales, initialized in
            LittleEndianFloats.read(
                UnsafeMutableBufferPointer(rebasing: scales[..<ternary.count]), from: part, at: 0)
            initialized = ternary.count
        }
        // Negative numbers, minus zero, NaN and infinity all have larger patterns than the largest finite number.
        guard scales.allSatisfy({ $0.bitPattern <= Float.greatestFiniteMagnitude.bitPattern }) else {
            throw CodecError(.invalidScale, "a tensor's scale is negative, NaN or infinite")
        }
        return scales
    }
}
