// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import Foundation

/// The rules that fields of several messages share; each throws `WireError.invalidField` naming the field.
enum FieldRules {
    static let sentenceBytes = 1024
    static let nameBytes = 64
    static let agentBytes = 128
    static let documentBytes = 16 << 10

    static func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(WireError) {
        guard condition else { throw WireError(.invalidField, message()) }
    }

    /// A count that fits into `Int`.
    static func count(_ value: UInt64, _ field: String) throws(WireError) -> Int {
        guard let count = Int(exactly: value) else { throw WireError(.invalidField, "\(field) is too large") }
        return count
    }

    /// A count for the wire: not negative.
    static func count(_ value: Int, _ field: String) throws(WireError) -> UInt64 {
        guard let count = UInt64(exactly: value) else { throw WireError(.invalidField, "\(field) is negative") }
        return count
    }

    /// A text of at most `limit` bytes in UTF-8; control characters become spaces.
    static func text(_ value: String, atMost limit: Int, _ field: String) throws(WireError) -> String {
        try require(value.utf8.count <= limit, "\(field) has more than \(limit) bytes")
        return printable(value)
    }

    /// A name of 1 to 64 bytes in UTF-8.
    static func name(_ value: String, _ field: String) throws(WireError) -> String {
        try require((1...nameBytes).contains(value.utf8.count), "\(field) has 1 to \(nameBytes) bytes")
        return value
    }

    /// A sentence for a person; what is too long is cut, since no decision rests on it.
    ///
    /// Control characters become spaces, so that a peer cannot forge lines of a log or steer a terminal.
    static func sentence(_ value: String) -> String {
        guard value.utf8.count > sentenceBytes else { return printable(value) }
        return printable(String(decoding: value.utf8.prefix(sentenceBytes - 3), as: UTF8.self))
    }

    /// The text with spaces for control characters, line separators and changes of the direction of writing.
    private static func printable(_ value: String) -> String {
        guard value.unicodeScalars.contains(where: isControl) else { return value }
        var text = String.UnicodeScalarView()
        for scalar in value.unicodeScalars { text.append(isControl(scalar) ? " " : scalar) }
        return String(text)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: scalar.properties.isBidiControl
        }
    }

    /// Bytes of a length in `lengths`.
    static func bytes(_ value: some Collection<UInt8>, _ lengths: ClosedRange<Int>, _ field: String) throws(WireError)
        -> [UInt8]
    {
        try require(
            lengths.contains(value.count), "\(field) has \(lengths.lowerBound) to \(lengths.upperBound) bytes")
        return [UInt8](value)
    }

    /// Values as little-endian float32.
    static func bytes(of values: [Float]) -> Data {
        var bytes = Data(capacity: 4 * values.count)
        for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
        return bytes
    }

    /// As many values as statistics may have.
    static func statistics(_ bytes: Data, _ field: String) throws(WireError) -> [Float] {
        try require(
            bytes.count.isMultiple(of: 4) && bytes.count <= 4 * WorkerStatistics.maximumCount,
            "\(field) has at most \(WorkerStatistics.maximumCount) values of 4 bytes")
        return bytes.withUnsafeBytes { raw in
            (0..<bytes.count / 4).map {
                Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
            }
        }
    }

    /// Runs a check of the vocabulary; its sentence becomes that of a wire error.
    static func checked<Value>(_ field: String, _ body: () throws(CoreError) -> Value) throws(WireError) -> Value {
        do { return try body() } catch { throw WireError(.invalidField, "\(field): \(error.message)") }
    }
}
