// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The name of a worker, as its certificate states it.
///
/// 1 to 64 characters out of `A-Z a-z 0-9 . _ -`.
public struct WorkerID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The name itself.
    public let rawValue: String

    /// Throws `CoreError.invalidName` for a name that breaks the rules.
    public init(_ rawValue: String) throws(CoreError) {
        try NameRules.check(rawValue, what: "worker")
        self.rawValue = rawValue
    }

    /// The name itself.
    public var description: String { rawValue }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}

extension WorkerID: Codable {
    public init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
