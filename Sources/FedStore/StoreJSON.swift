// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

/// JSON as the store writes it: sorted keys; NaN and infinities, which a diverging run reports, as strings.
enum StoreJSON {
    static func encode(_ value: some Encodable) throws(StoreError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        do {
            return Array(try encoder.encode(value))
        } catch {
            throw StoreError(.failed, "a value cannot be written as JSON", cause: "\(error)")
        }
    }

    static func text(_ value: some Encodable) throws(StoreError) -> String {
        String(decoding: try encode(value), as: UTF8.self)
    }

    /// Throws `StoreError.corrupt`, saying what was to be read.
    static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: some Sequence<UInt8>, what: @autoclosure () -> String
    ) throws(StoreError) -> Value {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        do {
            return try decoder.decode(type, from: Data(bytes))
        } catch {
            throw StoreError(.corrupt, "\(what()) is damaged: restore it from a copy")
        }
    }
}
