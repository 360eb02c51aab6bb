// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import Foundation

/// JSON as commands print and write it.
public enum JSONText {
    /// The bytes of a value; throws what its encoding throws.
    public static func data(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        // A model that diverged gives infinite losses, and the rest is worth having.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    /// The same as text.
    public static func text(_ value: some Encodable) throws -> String {
        String(decoding: try data(value), as: UTF8.self)
    }
}
