// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The records of a file of comma-separated values (RFC 4180, UTF-8), one at a time.
///
/// Fields are divided by commas, records by LF or CR LF. A field in double quotes may hold commas, line breaks and doubled
/// quotes; spaces and tabs around a field without quotes do not count. Empty lines are passed over, and a byte order mark
/// at the beginning is.
package struct CSVRecords {
    /// One field of the current record.
    private struct Field {
        var range: Range<Int>
        var hasDoubledQuotes: Bool
    }

    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// The file, for messages.
    let path: String
    /// The line on which the current record begins, from 1.
    package private(set) var line = 0
    private let bytes: [UInt8]
    private var position: Int
    private var nextLine = 1
    private var fields: [Field] = []

    /// Records of `bytes`, before the first one.
    package init(_ bytes: [UInt8], path: String) {
        self.bytes = bytes
        self.path = path
        position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The number of fields of the current record.
    package var count: Int { fields.count }

    /// Goes to the next record; false at the end. Throws `TrainingError.invalidFile` for quotes that are not closed or are
    /// where none may be.
    package mutating func next() throws(TrainingError) -> Bool {
        while position < bytes.count, bytes[position] == Self.lineFeed || bytes[position] == Self.carriageReturn {
            if bytes[position] == Self.lineFeed { nextLine += 1 }
            position += 1
        }
        fields.removeAll(keepingCapacity: true)
        line = nextLine
        guard position < bytes.count else { return false }
        while true {
            try readField()
            guard position < bytes.count else { return true }
            let separator = bytes[position]
            position += 1
            if separator == Self.comma { continue }
            nextLine += 1
            return true
        }
    }

    /// The bytes of a field between its quotes, doubled quotes as they are in the file.
    func bytes(_ field: Int) -> ArraySlice<UInt8> { bytes[fields[field].range] }

    /// A field as text; throws `TrainingError.invalidFile` where it is not UTF-8.
    package func text(_ field: Int) throws(TrainingError) -> String {
        var content = bytes[fields[field].range]
        if fields[field].hasDoubledQuotes {
            // Bytes, not characters: an accent behind a quote would join it.
            var single: [UInt8] = []
            var isSecond = false
            for byte in content {
                isSecond = byte == Self.quote && !isSecond
                if byte != Self.quote || isSecond { single.append(byte) }
            }
            content = single[...]
        }
        guard let text = String(validating: content, as: UTF8.self) else {
            throw TrainingError(
                .invalidFile, "\(path), line \(line): field \(field + 1) is not UTF-8: save the file as UTF-8")
        }
        return text
    }

    /// Reads one field; leaves `position` at its comma or line feed or at the end.
    private mutating func readField() throws(TrainingError) {
        while position < bytes.count, isBlank(bytes[position]) { position += 1 }
        if position < bytes.count, bytes[position] == Self.quote {
            try readQuoted()
            return
        }
        let start = position
        while position < bytes.count, bytes[position] != Self.comma, bytes[position] != Self.lineFeed {
            guard bytes[position] != Self.quote else { throw misplacedQuote() }
            position += 1
        }
        var end = position
        while end > start, isBlank(bytes[end - 1]) || bytes[end - 1] == Self.carriageReturn { end -= 1 }
        fields.append(Field(range: start..<end, hasDoubledQuotes: false))
    }

    private mutating func readQuoted() throws(TrainingError) {
        position += 1
        let start = position
        var hasDoubledQuotes = false
        while true {
            guard position < bytes.count else {
                throw TrainingError(
                    .invalidFile,
                    "\(path), line \(line): field \(fields.count + 1) begins with a quote that is never closed")
            }
            if bytes[position] == Self.lineFeed { nextLine += 1 }
            guard bytes[position] == Self.quote else {
                position += 1
                continue
            }
            guard position + 1 < bytes.count, bytes[position + 1] == Self.quote else { break }
            hasDoubledQuotes = true
            position += 2
        }
        fields.append(Field(range: start..<position, hasDoubledQuotes: hasDoubledQuotes))
        position += 1
        while position < bytes.count, isBlank(bytes[position]) || bytes[position] == Self.carriageReturn {
            position += 1
        }
        guard position == bytes.count || bytes[position] == Self.comma || bytes[position] == Self.lineFeed else {
            throw misplacedQuote()
        }
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    private func misplacedQuote() -> TrainingError {
        TrainingError(
            .invalidFile,
            "\(path), line \(nextLine): a quote is neither at the beginning nor at the end of a field: put the field in "
                + "quotes and double those inside")
    }
}
