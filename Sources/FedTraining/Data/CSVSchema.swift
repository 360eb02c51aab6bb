// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// How the columns of a table become the inputs, the label and the attributes of examples.
///
/// Several silos that share one schema code their columns alike; the fingerprint shows whether they do. A schema is
/// *complete* when it holds every mean, deviation and category; where one is missing it is taken from the training part of
/// the data. Column names are those of the file's header; inputs are in the schema's order, not the file's.
public struct CSVSchema: Hashable, Codable, Sendable {
    /// What a column is for.
    public enum Kind: String, Hashable, Codable, Sendable {
        /// One input: (value − mean) / std; a missing value becomes the mean, so 0; where std is 0 all values become 0.
        case numeric
        /// One input a category, 1 for the example's own and 0 for all others; "" is the category of missing values.
        case categorical
        /// No input, but an attribute.
        case attribute
        /// Neither input nor attribute.
        case ignored
        /// The class.
        case label
    }

    /// One column.
    public struct Column: Hashable, Codable, Sendable {
        /// Its name in the header.
        public var name: String
        /// What it is for.
        public var kind: Kind
        /// The categories or classes in the order of their codes, each once; for `categorical` and `label`.
        public var categories: [String]?
        /// The mean of the training values; for `numeric`.
        public var mean: Double?
        /// The standard deviation of the training values (divided by their number), at least 0; for `numeric`.
        public var std: Double?
        /// Whether an input is an attribute as well; no if nil.
        public var attribute: Bool?

        /// A column.
        public init(
            name: String, kind: Kind, categories: [String]? = nil, mean: Double? = nil, std: Double? = nil,
            attribute: Bool? = nil
        ) {
            self.name = name
            self.kind = kind
            self.categories = categories
            self.mean = mean
            self.std = std
            self.attribute = attribute
        }

        enum CodingKeys: String, CodingKey, CaseIterable {
            case name, kind, categories, mean, std, attribute
        }

        /// A key that is set but belongs to columns of another kind, if there is one.
        var misplacedKey: String? {
            if categories != nil, kind != .categorical, kind != .label { return "categories" }
            guard kind != .numeric else { return nil }
            return mean != nil ? "mean" : std != nil ? "std" : nil
        }

        /// Whether nothing is left to be taken from data.
        var isComplete: Bool {
            switch kind {
            case .numeric: mean != nil && std != nil
            case .categorical, .label: categories != nil
            case .attribute, .ignored: true
            }
        }

        /// The number of inputs.
        var width: Int {
            switch kind {
            case .numeric: 1
            case .categorical: categories?.count ?? 0
            case .attribute, .ignored, .label: 0
            }
        }

        /// Whether examples carry its values as an attribute.
        var isAttribute: Bool { kind == .attribute || attribute == true && kind != .ignored && kind != .label }
    }

    /// The columns; columns of a file that are not among them are ignored.
    public var columns: [Column]

    /// A schema.
    public init(columns: [Column]) {
        self.columns = columns
    }

    /// Whether nothing is left to be taken from data.
    public var isComplete: Bool { columns.allSatisfy(\.isComplete) }

    /// The number of inputs of an example, for a complete schema.
    public var inputs: Int { columns.reduce(0) { $0 + $1.width } }

    /// 16 hexadecimal digits that are the same for equal schemas, on every machine, and almost surely differ otherwise.
    public var fingerprint: String {
        var hash = StableHash()
        for column in columns {
            hash.add(column.name.utf8)
            hash.add(column.kind.rawValue.utf8)
            hash.add(column.mean.map(\.bitPattern) ?? UInt64.max)
            hash.add(column.std.map(\.bitPattern) ?? UInt64.max)
            hash.add(UInt64(column.isAttribute ? 1 : 0))
            hash.add(column.categories.map { UInt64($0.count) } ?? UInt64.max)
            for category in column.categories ?? [] { hash.add(category.utf8) }
        }
        let digits = String(hash.value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The label column.
    var label: Column? { columns.first { $0.kind == .label } }
}
