// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The share of an architecture's channels that a network has: an exact fraction in (0, 1], in lowest terms.
///
/// In a run file `1/8`, or `1` for all of them. Decimals are refused, because cutting channels by a rounded one may take
/// one too few: 0.3 / 0.1 is 2.999….
public struct WidthRatio: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Above 0, at most `denominator`.
    public let numerator: Int
    /// 1 to `maximumDenominator`, without a common divisor with `numerator`.
    public let denominator: Int

    /// No denominator is larger.
    public static let maximumDenominator = 65_536

    /// All channels.
    public static let full = WidthRatio(reduced: 1, 1)

    /// The fraction `numerator`/`denominator`, reduced.
    ///
    /// Throws `CoreError.invalidSpecification` unless it is in (0, 1] and the denominator at most 65536.
    public init(_ numerator: Int, _ denominator: Int) throws(CoreError) {
        guard (1...Self.maximumDenominator).contains(denominator), (1...denominator).contains(numerator) else {
            throw CoreError(
                .invalidSpecification,
                "a width is a fraction above 0 and at most 1 with a denominator up to \(Self.maximumDenominator), such as "
                    + "1/8, not \(numerator)/\(denominator)")
        }
        var (divisor, rest) = (denominator, numerator)
        while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
        self.init(reduced: numerator / divisor, denominator / divisor)
    }

    private init(reduced numerator: Int, _ denominator: Int) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// How many of `channels` a network of this width has: ⌊channels · numerator / denominator⌋, at least 1.
    ///
    /// `channels` must be in 1...2^40.
    public func of(_ channels: Int) -> Int {
        precondition((1...(1 << 40)).contains(channels), "a full network has 1 to 2^40 channels")
        return max(1, channels * numerator / denominator)
    }

    /// How many networks of width `part` are no wider together: ⌊self / part⌋, without rounding on the way.
    public func count(of part: WidthRatio) -> Int {
        // Both products stay below 2^33.
        numerator * part.denominator / (denominator * part.numerator)
    }

    /// How many networks of width `part` are together exactly as wide; nil where that is no whole number.
    public func exactCount(of part: WidthRatio) -> Int? {
        let count = count(of: part)
        return count * part.numerator * denominator == numerator * part.denominator ? count : nil
    }

    public static func < (lhs: Self, rhs: Self) -> Bool {
        lhs.numerator * rhs.denominator < rhs.numerator * lhs.denominator
    }

    /// As in a run file: `1/8`, or `1`.
    public var description: String { denominator == 1 ? "1" : "\(numerator)/\(denominator)" }
}

extension WidthRatio: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text: String
        if let whole = try? container.decode(Int.self) {
            text = "\(whole)"
        } else if let written = try? container.decode(String.self) {
            text = written
        } else {
            text = try "\(container.decode(Double.self))"
        }
        do throws(CoreError) {
            try self.init(text: text)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.message)
        }
    }

    /// Reads `1/8`, or `1`; throws `CoreError.invalidSpecification` with a sentence for anything else.
    public init(text: String) throws(CoreError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...2).contains(parts.count), let numerator = parts[0], let denominator = parts.count == 2 ? parts[1] : 1
        else {
            throw CoreError(
                .invalidSpecification, "write a width as a fraction of whole numbers, such as 1/8, not \(text)")
        }
        try self.init(numerator, denominator)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if denominator == 1 { try container.encode(numerator) } else { try container.encode(description) }
    }
}
