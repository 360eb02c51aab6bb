// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Turns rows of one file into examples by a complete schema, which stays as it is whatever the rows hold.
struct CSVEncoder {
    /// How a column becomes inputs.
    private enum Coding {
        case numeric(mean: Double, std: Double)
        case categorical([String: Int], width: Int)
        case none
    }

    private struct Column {
        var place: Int
        var name: String
        var coding: Coding
        /// Which attribute it is, if any.
        var attribute: Int?
    }

    /// An attribute as it grows: codes in the order in which texts occur.
    private struct Attribute {
        var name: String
        var codes: [String: Int32] = [:]
        var rows: [Int32] = []

        mutating func add(_ text: String) {
            let code = codes[text] ?? Int32(truncatingIfNeeded: codes.count)
            codes[text] = code
            rows.append(code)
        }
    }

    /// What an attribute calls a missing value.
    private static let missing = "(missing)"

    private let path: String
    private let inputs: Int
    private let labels: CSVLabels
    private let labelPlace: Int
    private let labelName: String
    private let columns: [Column]
    private var attributes: [Attribute] = []
    private var values: [Float] = []
    private var codes: [Int32] = []

    /// The number of examples so far.
    var count: Int { codes.count }

    /// An encoder without any examples yet; throws `TrainingError.invalidFile` where the file lacks a column.
    init(_ schema: CSVSchema, of file: CSVFile, labels: CSVLabels, labelName: String) throws(TrainingError) {
        path = file.path
        inputs = schema.inputs
        self.labels = labels
        self.labelName = labelName
        labelPlace = try file.column(labelName)
        var columns: [Column] = []
        for column in schema.columns where column.kind != .label && column.kind != .ignored {
            let coding: Coding
            switch column.kind {
            case .numeric: coding = .numeric(mean: column.mean ?? 0, std: column.std ?? 0)
            case .categorical:
                let categories = column.categories ?? []
                var places: [String: Int] = [:]
                for (place, category) in categories.enumerated() { places[category] = place }
                coding = .categorical(places, width: categories.count)
            case .attribute, .ignored, .label: coding = .none
            }
            columns.append(
                Column(
                    place: try file.column(column.name), name: column.name, coding: coding,
                    attribute: column.isAttribute ? attributes.count : nil))
            if column.isAttribute { attributes.append(Attribute(name: column.name)) }
        }
        self.columns = columns
    }

    /// Adds the current row; throws `TrainingError.invalidFile`, naming line and column, for what cannot be coded.
    mutating func add(_ row: CSVRecords) throws(TrainingError) {
        for column in columns {
            let text = try row.text(column.place)
            let cell = CSVCell(text)
            switch column.coding {
            case .numeric(let mean, let std): values.append(try standardized(cell, mean, std, column, row))
            case .categorical(let places, let width):
                let begin = values.count
                values += repeatElement(0, count: width)
                if let place = places[cell.isMissing ? "" : text] { values[begin + place] = 1 }
            case .none: break
            }
            if let attribute = column.attribute {
                attributes[attribute].add(cell.isMissing ? Self.missing : text)
            }
        }
        guard let code = labels.code(of: try row.text(labelPlace)) else {
            throw TrainingError(
                .invalidFile,
                "\(path), line \(row.line), column \(labelName): the label is none of the \(labels.classes.count) classes of "
                    + "the training data or the schema: correct it")
        }
        codes.append(code)
    }

    /// The texts that each attribute has in either encoder, sorted by their bytes; both are of one schema.
    static func attributeValues(_ first: CSVEncoder, _ second: CSVEncoder) -> [[String]] {
        zip(first.attributes, second.attributes).map { first, second in
            Set(first.codes.keys).union(second.codes.keys).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
    }

    /// The examples, with attributes coded by `attributeValues`.
    func dataset(attributeValues: [[String]]) throws(TrainingError) -> Dataset {
        let named = zip(attributes, attributeValues).map { attribute, names in
            var renamed = [Int32](repeating: 0, count: attribute.codes.count)
            for (code, name) in names.enumerated() {
                if let old = attribute.codes[name] { renamed[Int(old)] = Int32(code) }
            }
            return ExampleAttribute(
                name: attribute.name, values: names, codes: attribute.rows.map { renamed[Int($0)] })
        }
        return try Dataset(
            name: "csv", input: InputShape(channels: inputs, height: 1, width: 1), classes: labels.classes.count,
            values: .floats(values), labels: codes, classNames: labels.classes, attributes: named)
    }

    private func standardized(
        _ cell: CSVCell, _ mean: Double, _ std: Double, _ column: Column, _ row: CSVRecords
    ) throws(TrainingError) -> Float {
        func wrong(_ what: String) -> TrainingError {
            TrainingError(
                .invalidFile,
                "\(path), line \(row.line), column \(column.name): \(what): correct it, or leave the field empty where the "
                    + "value is missing")
        }
        switch cell {
        case .missing: return 0
        case .number(let number):
            guard std > 0 else { return 0 }
            let value = Float((number - mean) / std)
            guard value.isFinite else { throw wrong("the number is too large") }
            return value
        case .notFinite: throw wrong("NaN or infinity is no number to train on")
        case .text: throw wrong("this is no number, but the column holds numbers")
        }
    }
}
