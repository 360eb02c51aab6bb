// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The name of one training run in a federation's directory.
///
/// 1 to 64 characters out of `A-Z a-z 0-9 . _ -`.
public struct RunID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The name itself.
    public let rawValue: String

    /// Throws `CoreError.invalidName` for a name that breaks the rules.
    public init(_ rawValue: String) throws(CoreError) {
        try NameRules.check(rawValue, what: "run")
        self.rawValue = rawValue
    }

    /// The name itself.
    public var description: String { rawValue }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}

extension RunID: Codable {
    public init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
