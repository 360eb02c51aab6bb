// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// The mean of N ternary updates of shared scales: 2N+1 levels an entry (TernGrad, section 3.2: what the server sends).
///
/// With scales shared by all workers the sum of their trits is an integer K in -N...N, and the mean is K·(s/N). Sums
/// travel in blocks, each packed by radix 2N+1 or entropy-coded, whichever is smaller. Running statistics, and tensors
/// that the specification names, travel as float32. `protocols/codecs/ternary-sum.md` defines the bytes.
public struct TernarySumCodec: GradientCodec {
    /// No payload is of more updates.
    public static let maximumUpdates = 32_767
    /// Scales are at most this, so that no entry exceeds the largest float.
    public static let largestScale: Float = 0x1p127
    /// Which payloads this is about.
    static let version: UInt8 = 2

    private let ternary: TernaryCodec
    private let entropy: CodecSpec.Entropy

    /// The codec with the defaults of its options.
    public init() {
        ternary = TernaryCodec()
        entropy = .auto
    }

    /// The codec with the options `entropy`, `dense` and `denseBelow` of a specification, and `clip` for updates that
    /// are not sums; throws `CodecError.invalidOption` as `TernaryCodec` does.
    public init(_ spec: CodecSpec) throws(CodecError) {
        ternary = try TernaryCodec(spec)
        entropy = spec.entropy ?? .auto
    }

    public var id: CodecID { CodecID("ternary-sum") }

    public var wireNumber: UInt8 { 4 }

    /// Which tensors are sent as sums, and which exactly.
    public func sections(_ layout: ModelLayout) -> UpdateSections { ternary.sections(layout) }

    /// The sum of one update: its entries rounded to trits, with the update's own scales.
    public func encode(_ update: ParameterVector, generator: SeededGenerator) throws(CodecError) -> [UInt8] {
        let scales = try ternary.scales(of: update)
        var sums = [Int32](repeating: 0, count: update.layout.count)
        var decoder = UpdateDecoder(ternary, layout: update.layout)
        try decoder.push(try ternary.encode(update, generator: generator)) { (piece) throws(CodecError) in
            switch piece {
            case .dense: break
            case .levels(let levels, _, let start):
                for index in levels.indices { sums[start + index] = Int32(levels[index]) }
            case .sparse(let positions, let values, let start):
                for index in positions.indices { sums[start + Int(positions[index])] = values[index] < 0 ? -1 : 1 }
            }
        }
        return try encode(sums: sums, of: 1, scales: scales, exact: update)
    }

    /// The payload for the sums of the trits of `count` updates.
    ///
    /// `sums` has an entry for each parameter, in layout order; those of exact tensors are ignored. `scales` has one
    /// for each coded tensor. The exact tensors are taken from `exact`. Throws `CodecError.valueOutOfRange` for a sum
    /// beyond ±`count`, `.nonFiniteValue` for NaN or infinity in an exact tensor, and `.invalidScale` for scales that
    /// `SharedScales` would not give or that exceed `largestScale`.
    public func encode(
        sums: [Int32], of count: Int, scales: [Float], exact: ParameterVector
    ) throws(CodecError) -> [UInt8] {
        precondition(sums.count == exact.layout.count, "a sum for each parameter")
        return try encode(of: count, scales: scales, exact: exact) { (entries, target) throws(CodecError) in
            sums.withUnsafeBufferPointer {
                _ = target.update(fromContentsOf: UnsafeBufferPointer(rebasing: $0[entries]))
            }
        }
    }

    /// The same with sums from elsewhere: `fill` is called for stretches of coded entries, ranges of the layout in
    /// ascending order, and writes a sum for each.
    public func encode(
        of count: Int, scales: [Float], exact: ParameterVector,
        fill: (_ entries: Range<Int>, _ sums: UnsafeMutableBufferPointer<Int32>) throws(CodecError) -> Void
    ) throws(CodecError) -> [UInt8] {
        precondition((1...Self.maximumUpdates).contains(count), "a sum of 1 to 32,767 updates")
        let sections = sections(exact.layout)
        guard scales.count == sections.coded.count else {
            throw CodecError(
                .invalidScale, "there are \(scales.count) scales, this model takes \(sections.coded.count)")
        }
        try TensorScale.check(scales)
        try Self.check(scales)
        var payload: [UInt8] = []
        PayloadHeader.append(to: &payload, wireNumber: wireNumber, version: Self.version)
        payload.append(contentsOf: [UInt8(count & 0xFF), UInt8(count >> 8)])
        scales.withUnsafeBufferPointer { LittleEndianFloats.append($0, to: &payload) }
        try exact.values.withUnsafeBufferPointer { (values) throws(CodecError) in
            for segment in sections.exact {
                let tensor = UnsafeBufferPointer(rebasing: values[segment])
                try FiniteCheck.check(tensor)
                LittleEndianFloats.append(tensor, to: &payload)
            }
        }
        let block = SumBlock(updates: count)
        var cursor = TensorCursor(sections.coded)
        var sums = [Int32](repeating: 0, count: min(sections.codedCount, SumBlock.capacity))
        for start in stride(from: 0, to: sections.codedCount, by: SumBlock.capacity) {
            let number = min(SumBlock.capacity, sections.codedCount - start)
            try sums.withUnsafeMutableBufferPointer { (sums) throws(CodecError) in
                let target = sums
                try cursor.advance(number) { (stretch, _, offset) throws(CodecError) in
                    try fill(offset..<offset + stretch.count, UnsafeMutableBufferPointer(rebasing: target[stretch]))
                }
                let filled = UnsafeBufferPointer(rebasing: target[..<number])
                try block.write(filled, to: &payload, entropy: entropy)
            }
        }
        return payload
    }

    public func makeReader(layout: ModelLayout) -> any PayloadReader { TernarySumReader(sections(layout)) }

    public func minimumEncodedCount(layout: ModelLayout) -> Int {
        let sections = sections(layout)
        return Self.sumsOffset(sections)
            + SumBlock.count(sections.codedCount) { SumBlock(updates: 1).minimumCount($0) }
    }

    public func maximumEncodedCount(layout: ModelLayout) -> Int {
        let sections = sections(layout)
        return Self.sumsOffset(sections)
            + SumBlock.count(sections.codedCount) { SumBlock(updates: Self.maximumUpdates).packedCount($0) + 1 }
    }

    /// Throws `CodecError.invalidScale` for a scale above `largestScale`.
    static func check(_ scales: [Float]) throws(CodecError) {
        guard scales.allSatisfy({ $0 <= largestScale }) else {
            throw CodecError(.invalidScale, "a tensor's scale exceeds 2^127")
        }
    }

    /// Where the blocks of sums start.
    private static func sumsOffset(_ sections: UpdateSections) -> Int {
        PayloadHeader.count + 2 + 4 * sections.coded.count + 4 * sections.exactCount
    }
}
