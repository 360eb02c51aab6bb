// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The number of a round within its run, counted from 1.
public struct RoundID: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    /// Counted from 1.
    public let rawValue: Int

    /// Makes the identifier of the `rawValue`-th round, counted from 1.
    public init(_ rawValue: Int) { self.rawValue = rawValue }

    /// The round after this one.
    public var next: RoundID { RoundID(rawValue + 1) }

    public var description: String { String(rawValue) }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }

    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(Int.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
