// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The registered name of a codec, such as `dense-float32` or `ternary`.
public struct CodecID: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    /// The registered name.
    public let rawValue: String

    /// Names a codec; whether it exists is for the registry to say.
    public init(_ rawValue: String) { self.rawValue = rawValue }

    public var description: String { rawValue }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }

    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
