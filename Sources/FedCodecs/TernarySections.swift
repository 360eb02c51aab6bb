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

    /// The scales in a payload of the right length; throws `CodecError.invalidScale`.
    func readScales(_ payload: [UInt8]) throws(CodecError) -> [Float] {
        let scales = [Float](unsafeUninitializedCapacity: ternary.count) { scales, initialized in
            payload.withUnsafeBytes {
                LittleEndianFloats.read(
                    UnsafeMutableBufferPointer(rebasing: scales[..<ternary.count]), from: $0, at: PayloadHeader.count)
            }
            initialized = ternary.count
        }
        // Negative numbers, minus zero, NaN and infinity all have larger patterns than the largest finite number.
        guard scales.allSatisfy({ $0.bitPattern <= Float.greatestFiniteMagnitude.bitPattern }) else {
            throw CodecError(.invalidScale, "a tensor's scale is negative, NaN or infinite")
        }
        return scales
    }

    /// Throws `CodecError.invalidTrits` or `.invalidPadding` unless every byte of trits is one an encoder writes.
    func checkTrits(_ payload: [UInt8]) throws(CodecError) {
        let largest = payload[tritsOffset...].withUnsafeBufferPointer { fed_ternary_largest($0.baseAddress, $0.count) }
        guard largest < 243 else {
            throw CodecError(.invalidTrits, "a byte of the payload does not stand for five trits")
        }
        // A last block of r trits and m bytes has the digits 0 ..< 5m, digit i in byte i mod m; those from r on are
        // padding.
        let rest = ternaryCount % Int(FED_TERNARY_BLOCK)
        let width = (rest + 4) / 5
        for digit in rest..<5 * width {
            let byte = payload[payload.count - width + digit % width]
            let weight = [1, 3, 9, 27, 81][digit / width]
            guard Int(byte) / weight % 3 == 1 else {
                throw CodecError(.invalidPadding, "the padding after the last trit is not zero trits")
            }
        }
    }

    /// Fills the statistics' entries of `values` from a payload of the right length.
    func readExact(_ payload: UnsafeRawBufferPointer, into values: UnsafeMutableBufferPointer<Float>) {
        var offset = exactOffset
        for segment in exact {
            LittleEndianFloats.read(UnsafeMutableBufferPointer(rebasing: values[segment]), from: payload, at: offset)
            offset += 4 * segment.count
        }
    }
}
