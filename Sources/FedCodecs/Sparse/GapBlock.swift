// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// The positions of at most `capacity` kept entries, as gaps: how many entries lie between one and the next.
///
/// Gaps are written in the Rice code (Golomb's for powers of two) with the parameter that is best for them, or, where that is
/// smaller, as quotients in an entropy code and the bits that these leave open. `protocols/codecs/positions.md` defines the bytes.
package struct GapBlock {
    /// What a block's first three bits say.
    enum Kind: UInt8 {
        case rice = 0
        case coded = 1
    }

    /// The most gaps of a block.
    static let capacity = 65_536
    /// The bytes before a block's body: kind and parameter, and the length in three bytes.
    static let headCount = 4
    private static let largestParameter = Int(FED_GAPS_LARGEST_B)

    /// How the gaps are written.
    let kind: Kind
    /// The bits of a gap that are written as they are.
    let parameter: UInt32
    /// The bytes after the head.
    let bodyCount: Int

    /// Reads the head of a block of `count` gaps that lie within `range` entries; throws `CodecError.invalidBlock`.
    init(head: UnsafeRawBufferPointer, count: Int, range: Int) throws(CodecError) {
        let bodyCount = Int(head[1]) | Int(head[2]) << 8 | Int(head[3]) << 16
        guard let kind = Kind(rawValue: head[0] >> 5), head[0] & 31 <= Self.largestParameter,
            bodyCount >= Self.minimumCount(count) - Self.headCount,
            bodyCount <= Self.maximumBodyCount(count, range: range)
        else {
            throw CodecError(.invalidBlock, "a block of positions has a kind or a length that no encoder writes")
        }
        self.kind = kind
        self.parameter = UInt32(head[0] & 31)
        self.bodyCount = bodyCount
    }

    /// The positions in the body, ascending from 0 and below `range`; throws `CodecError.invalidBlock`.
    func positions(_ body: UnsafeRawBufferPointer, count: Int, range: Int) throws(CodecError) -> [UInt32] {
        let bytes = body.bindMemory(to: UInt8.self)
        let limit = UInt64(range)
        var isValid = false
        let positions = [UInt32](unsafeUninitializedCapacity: count) { positions, initialized in
            switch kind {
            case .rice:
                isValid = fed_gaps_rice_decode(
                    positions.baseAddress, count, bytes.baseAddress, bytes.count, parameter, limit)
            case .coded:
                guard let read = QuotientModel.read(bytes, count: count) else { break }
                let rest = UnsafeBufferPointer(rebasing: bytes[read.end...])
                isValid = fed_gaps_rest_decode(
                    positions.baseAddress, read.quotients, count, rest.baseAddress, rest.count, parameter, limit)
            }
            initialized = isValid ? count : 0
        }
        guard isValid else {
            throw CodecError(.invalidBlock, "a block of positions is not one that an encoder writes for this model")
        }
        return positions
    }
}

extension GapBlock {
    /// b* = 1 + ⌊log2(ln(φ - 1) / ln(1 - p))⌋, not below 0: the best parameter where each entry is kept with probability p
    /// (Sattler et al. 2018, equation 8), which is in (0, 1].
    package static func parameter(density: Double) -> Int {
        // The smallest b with (1 - p)^(2^b) ≤ φ - 1, without logarithms.
        let golden = (5.0.squareRoot() - 1) / 2
        var power = 1 - density
        var parameter = 0
        while power > golden, parameter < largestParameter {
            power *= power
            parameter += 1
        }
        return parameter
    }

    /// Appends a block of these gaps, at least one.
    static func append(_ gaps: UnsafeBufferPointer<UInt32>, entropy: CodecSpec.Entropy, to payload: inout [UInt8]) {
        precondition(!gaps.isEmpty && gaps.count <= capacity, "a block has 1 to \(capacity) gaps")
        let parameter = bestParameter(gaps)
        let riceCount = (Int(riceBits(gaps, parameter)) + 7) / 8
        if entropy == .auto {
            // Shorter rests are nearly uniform: quotients take the rest of what can be saved.
            let shorter = max(0, parameter - 2)
            if let body = QuotientModel.body(gaps, parameter: UInt32(shorter), below: riceCount) {
                appendHead(.coded, shorter, body.count, to: &payload)
                return payload.append(contentsOf: body)
            }
        }
        appendHead(.rice, parameter, riceCount, to: &payload)
        let body = [UInt8](unsafeUninitializedCapacity: riceCount + Int(FED_GAPS_SLACK)) { bytes, initialized in
            fed_gaps_rice_encode(bytes.baseAddress, gaps.baseAddress, gaps.count, UInt32(parameter))
            initialized = riceCount
        }
        payload.append(contentsOf: body)
    }

    private static func appendHead(_ kind: Kind, _ parameter: Int, _ count: Int, to payload: inout [UInt8]) {
        payload.append(kind.rawValue << 5 | UInt8(parameter))
        payload.append(contentsOf: [count, count >> 8, count >> 16].map { UInt8(truncatingIfNeeded: $0) })
    }

    /// The smallest parameter with which the Rice code of the gaps is shortest.
    static func bestParameter(_ gaps: UnsafeBufferPointer<UInt32>) -> Int {
        let span = gaps.reduce(gaps.count) { $0 + Int($1) }
        var best = parameter(density: Double(gaps.count) / Double(span))
        var bits = riceBits(gaps, best)
        // The length is a convex function of the parameter: downhill leads to the bottom.
        while best < largestParameter, case let longer = riceBits(gaps, best + 1), longer < bits {
            best += 1
            bits = longer
        }
        while best > 0, case let shorter = riceBits(gaps, best - 1), shorter <= bits {
            best -= 1
            bits = shorter
        }
        return best
    }

    private static func riceBits(_ gaps: UnsafeBufferPointer<UInt32>, _ parameter: Int) -> UInt64 {
        fed_gaps_rice_bits(gaps.baseAddress, gaps.count, UInt32(parameter))
    }

    /// No block of `count` gaps has fewer bytes, head included: a bit each, or a table of one quotient and idle states.
    static func minimumCount(_ count: Int) -> Int { headCount + min((count + 7) / 8, QuotientModel.minimumCount) }

    /// No body of `count` gaps, at least one, within `range` entries has more bytes.
    static func maximumBodyCount(_ count: Int, range: Int) -> Int {
        var parameter = 0
        while parameter < largestParameter, range >> (parameter + 1) >= count { parameter += 1 }
        return (count * (parameter + 1) + range >> parameter + 7) / 8
    }
}
