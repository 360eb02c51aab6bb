// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

extension KeyedDecodingContainer {
    /// A number, or a fraction of whole numbers such as `8/255`; nil where the key is absent.
    func decodeFractionIfPresent(forKey key: Key) throws -> Float? {
        guard contains(key), try !decodeNil(forKey: key) else { return nil }
        return try decode(WrittenFraction.self, forKey: key).value
    }

    /// A number, or a fraction of whole numbers such as `8/255`.
    func decodeFraction(forKey key: Key) throws -> Float {
        try decode(WrittenFraction.self, forKey: key).value
    }

    /// A list of numbers or fractions; nil where the key is absent.
    func decodeFractionsIfPresent(forKey key: Key) throws -> [Float]? {
        try decodeIfPresent([WrittenFraction].self, forKey: key)?.map(\.value)
    }
}

/// A number that a run file may write as `8/255`.
private struct WrittenFraction: Decodable {
    let value: Float

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Float.self) {
            value = number
            return
        }
        let text = try container.decode(String.self)
        guard text.contains("/"), let fraction = Float(fraction: text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "write a number, or a fraction of whole numbers such as 8/255, not \(text)")
        }
        value = fraction
    }
}
