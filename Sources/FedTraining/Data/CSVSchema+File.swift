// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

extension CSVSchema {
    /// The complete schema of a table: a file, or a folder with `train.csv` and `test.csv`.
    ///
    /// Every number and category is that of the training part, so a table that is loaded with its own schema is the same
    /// as without. `label` names the label column. Throws `TrainingError.missingFile` or `.invalidFile`.
    public static func derive(from path: String, label: String) throws(TrainingError) -> CSVSchema {
        try CSVTable(DatasetSource(name: "csv", path: path, label: label)).schema
    }

    /// Reads a schema file, which is JSON.
    ///
    /// Throws `TrainingError.missingFile`, or `.invalidFile` for what is no schema, names a column or category twice, has
    /// more than one label, or a deviation below 0.
    public static func load(from path: String) throws(TrainingError) -> CSVSchema {
        let bytes = try DataFile.read(path, limit: 1 << 26)
        let schema: CSVSchema
        do {
            schema = try JSONDecoder().decode(CSVSchema.self, from: Data(bytes))
            if let key = try JSONDecoder().decode(Keys.self, from: Data(bytes)).unknown {
                throw invalid(path, "there is no key \(key)")
            }
        } catch let error as TrainingError {
            throw error
        } catch let error as DecodingError {
            throw invalid(path, Self.explanation(of: error))
        } catch {
            throw invalid(path, "it is not JSON")
        }
        if let problem = schema.problem { throw invalid(path, problem) }
        return schema
    }

    /// What a schema file holds, without its last line end; throws `EncodingError` for a number that is not finite.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// Writes a schema file; throws `TrainingError.missingFile` where that cannot be done.
    public func save(to path: String) throws(TrainingError) {
        do {
            try Data((json() + "\n").utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw TrainingError(
                .missingFile, "\(path) cannot be written: check that its folder is there and may be written")
        }
    }

    /// The keys of a schema file: one that nobody knows may be a slip, and what it was meant for be taken from data.
    private struct Keys: Decodable {
        /// A key of any name.
        struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        /// The first key that has no meaning, with its place.
        let unknown: String?

        init(from decoder: any Decoder) throws {
            var unknown = try Self.first(of: decoder.container(keyedBy: Key.self), besides: ["columns"], place: "")
            var columns = try decoder.container(keyedBy: Key.self)
                .nestedUnkeyedContainer(forKey: Key(stringValue: "columns"))
            let known = Set(Column.CodingKeys.allCases.map(\.rawValue))
            while unknown == nil, !columns.isAtEnd {
                let place = "columns.[\(columns.currentIndex)]."
                unknown = try Self.first(
                    of: columns.nestedContainer(keyedBy: Key.self), besides: known, place: place)
            }
            self.unknown = unknown
        }

        private static func first(
            of container: KeyedDecodingContainer<Key>, besides known: Set<String>, place: String
        ) -> String? {
            container.allKeys.map(\.stringValue).filter { !known.contains($0) }.min().map { place + $0.prefix(64) }
        }
    }

    /// Why no table can be read with this schema, if so.
    private var problem: String? {
        var names: Set<String> = []
        for column in columns {
            guard names.insert(column.name).inserted else { return "it has column \(column.name) twice" }
            let categories = column.categories ?? []
            guard Set(categories).count == categories.count else {
                return "column \(column.name) has a category twice"
            }
            guard column.kind != .label || column.categories.map({ !$0.isEmpty }) != false else {
                return "label column \(column.name) has no classes"
            }
            if let key = column.misplacedKey {
                return "column \(column.name) is \(column.kind.rawValue) and has no \(key)"
            }
            guard (column.mean ?? 0).isFinite, (column.std ?? 0).isFinite, (column.std ?? 0) >= 0 else {
                return "column \(column.name) has a mean or std that is not finite, or a std below 0"
            }
        }
        return columns.count { $0.kind == .label } > 1 ? "it has more than one label column" : nil
    }

    private static func invalid(_ path: String, _ problem: String) -> TrainingError {
        TrainingError(
            .invalidFile, "\(path) is not a schema (\(problem)): correct it, or derive one from the training data")
    }

    private static func explanation(of error: DecodingError) -> String {
        func place(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
            return path.isEmpty ? "at its top" : "at " + path.joined(separator: ".")
        }
        switch error {
        case .keyNotFound(let key, let context): return "\(key.stringValue) is missing \(place(context))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context): return "wrong type \(place(context))"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty ? "it is not JSON" : "wrong value \(place(context))"
        @unknown default: return "it does not decode"
        }
    }
}
