// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// A file of comma-separated values with a header, in memory as the bytes that it is.
struct CSVFile {
    /// No file may have more columns.
    private static let maximumColumns = 1 << 12

    /// Where it is from, for messages.
    let path: String
    /// The names of the columns, each once; a column without a name is called "".
    let header: [String]
    private let records: CSVRecords

    /// Reads a file; throws `TrainingError.missingFile`, or `.invalidFile` for a header that is missing or names a column
    /// twice.
    init(path: String) throws(TrainingError) {
        var records = CSVRecords(try DataFile.read(path), path: path)
        guard try records.next() else {
            throw TrainingError(.invalidFile, "\(path) is empty: its first line must name the columns")
        }
        guard records.count <= Self.maximumColumns else {
            throw TrainingError(
                .invalidFile,
                "\(path) has \(records.count) columns: divide it into files of at most \(Self.maximumColumns)")
        }
        var header: [String] = []
        var seen: Set<String> = []
        for field in 0..<records.count {
            let name = try records.text(field)
            guard name.isEmpty || seen.insert(name).inserted else {
                throw TrainingError(
                    .invalidFile, "\(path), line \(records.line) names column \(name) twice: rename one of them")
            }
            header.append(name)
        }
        self.path = path
        self.header = header
        self.records = records
    }

    /// The records behind the header; advance with `next(_:)`.
    var rows: CSVRecords { records }

    /// Goes to the next row; false at the end. Throws `TrainingError.invalidFile` for one that has more or fewer fields than
    /// the header.
    func next(_ rows: inout CSVRecords) throws(TrainingError) -> Bool {
        guard try rows.next() else { return false }
        guard rows.count == header.count else {
            throw TrainingError(
                .invalidFile,
                "\(path), line \(rows.line) has \(rows.count) fields, but the header names \(header.count) columns: correct "
                    + "the line")
        }
        return true
    }

    /// The place of a column; throws `TrainingError.invalidFile`, saying which there are.
    func column(_ name: String) throws(TrainingError) -> Int {
        guard !name.isEmpty, let column = header.firstIndex(of: name) else {
            throw TrainingError(
                .invalidFile, "\(path): " + NearestName.unknown("column", name, among: header.filter { !$0.isEmpty }))
        }
        return column
    }
}
