// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// How many rounds a model has been through: 0 is the initial model.
public struct ModelVersion: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    /// 0 for the initial model.
    public let rawValue: Int

    /// Names the model after `rawValue` rounds.
    public init(_ rawValue: Int) { self.rawValue = rawValue }

    /// The version that the next round makes.
    public var next: ModelVersion { ModelVersion(rawValue + 1) }

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
