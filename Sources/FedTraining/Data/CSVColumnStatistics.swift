// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What the training rows say about one column.
struct CSVColumnStatistics {
    /// A text column of more different texts is no input by itself, and a column of numbers of more no attribute.
    static let maximumCategories = 64
    /// A schema that makes a column categorical may give it more, but not more than these.
    static let maximumDistinct = 1 << 16

    /// No more different texts are kept than one above this: memory stays bounded whatever a column holds.
    private let limit: Int
    private var numbers = 0
    private var texts = 0
    private var mean = 0.0
    private var squares = 0.0
    /// The different texts, `""` for missing values.
    private var distinct: Set<String> = []
    private var firstText: Int?

    /// Statistics of a column of which a schema says that it is categorical, or of any other.
    init(isCategorical: Bool = false) {
        limit = isCategorical ? Self.maximumDistinct : Self.maximumCategories
    }

    /// Adds the field of a row that begins on `line`.
    mutating func add(_ text: String, line: Int) {
        let cell = CSVCell(text)
        switch cell {
        // NaN and infinity are refused when the rows are coded.
        case .missing, .notFinite: break
        case .number(let number):
            // Welford 1962, equations (4) and (5).
            numbers += 1
            let difference = number - mean
            mean += difference / Double(numbers)
            squares += difference * (number - mean)
        case .text:
            texts += 1
            firstText = firstText ?? line
        }
        if distinct.count <= limit { distinct.insert(cell.isMissing ? "" : text) }
    }

    /// Completes a column of a schema; throws `TrainingError.invalidFile` where the rows do not fit its kind.
    func completed(_ column: CSVSchema.Column, path: String) throws(TrainingError) -> CSVSchema.Column {
        var column = column
        switch column.kind {
        case .numeric where !column.isComplete:
            let deviation = numbers == 0 ? 0 : (squares / Double(numbers)).squareRoot()
            guard mean.isFinite, deviation.isFinite else {
                throw TrainingError(
                    .invalidFile,
                    "\(path), column \(column.name): the numbers are too large to be standardised: scale them")
            }
            column.mean = column.mean ?? mean
            column.std = column.std ?? deviation
        case .categorical where !column.isComplete:
            guard distinct.count <= limit else {
                throw TrainingError(
                    .invalidFile,
                    "\(path), column \(column.name) has more than \(limit) categories: make it an attribute "
                        + "in the schema, or ignore it")
            }
            column.categories = distinct.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        default: break
        }
        return column
    }

    /// What a column is for that no schema names.
    ///
    /// Numbers only: an input, and an attribute too if there are few different ones. Texts: categories and an attribute, an
    /// attribute only if there are too many. A column that is mostly numbers but has texts is an error (a slip of the
    /// pen would silently turn a measurement into categories).
    func inferred(name: String, path: String) throws(TrainingError) -> CSVSchema.Column {
        if texts == 0 || numbers >= texts {
            if let line = firstText {
                throw TrainingError(
                    .invalidFile,
                    "\(path), line \(line), column \(name) holds text where most rows hold numbers: correct it (a missing "
                        + "value is nothing, NA or ?), or give a schema that says categorical")
            }
            return CSVSchema.Column(
                name: name, kind: .numeric, attribute: distinct.count <= Self.maximumCategories ? true : nil)
        }
        if distinct.count > Self.maximumCategories { return CSVSchema.Column(name: name, kind: .attribute) }
        return CSVSchema.Column(name: name, kind: .categorical, attribute: true)
    }
}
