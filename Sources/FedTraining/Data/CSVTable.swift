// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A table for tabular learning: a file of comma-separated values, or a folder with `train.csv` and `test.csv`.
///
/// Of a single file, a fifth tests: of the n rows of each class the ⌊n / 5⌋ with the smallest hashes of what they hold. So
/// the division depends neither on the order of the rows nor on the machine, and equal rows are always on one side of it.
/// Means, deviations and categories come from training rows only.
struct CSVTable {
    /// No example may have more inputs.
    private static let maximumInputs = 1 << 16
    /// A table may not become more values: 4 GiB.
    private static let maximumValues = 1 << 30

    /// How the columns are coded; complete.
    let schema: CSVSchema

    private let train: CSVFile
    /// The file that tests; nil where it is the same.
    private let test: CSVFile?
    /// For each row of a single file, whether it tests.
    private let isTest: [Bool]
    private let labels: CSVLabels
    private let labelName: String

    /// Reads the files, divides the rows and completes the schema.
    init(_ source: DatasetSource) throws(TrainingError) {
        guard let path = source.path else {
            throw TrainingError(
                .missingFile,
                "data set csv is read from a file: give its path, a file with a header or a folder with train.csv and "
                    + "test.csv")
        }
        let given: CSVSchema? = if let schema = source.schema { try CSVSchema.load(from: schema) } else { nil }
        guard let label = source.label ?? given?.label?.name else {
            throw TrainingError(
                .invalidSpecification, "\(path) has no label column by itself: name one, as in label: outcome")
        }
        if let other = given?.label?.name, other != label {
            throw TrainingError(
                .invalidSpecification,
                "the label is column \(label), but by the schema \(source.schema ?? "") it is \(other): name the same one"
            )
        }
        if let column = given?.columns.first(where: { $0.name == label }), column.kind != .label {
            throw TrainingError(
                .invalidSpecification,
                "the label is column \(label), but by the schema \(source.schema ?? "") that is \(column.kind.rawValue): make "
                    + "it the label there too")
        }
        let isFolder = DataFile.isFolder(path)
        let train = try CSVFile(path: isFolder ? DataFile.path(path, "train.csv") : path)
        let rows = try Self.labels(of: train, column: try train.column(label), hashed: !isFolder)
        let labels: CSVLabels =
            if let classes = given?.label?.categories { CSVLabels(classes: classes) } else {
                try CSVLabels(from: rows.firstLines, column: label, path: train.path)
            }
        self.train = train
        test = isFolder ? try CSVFile(path: DataFile.path(path, "test.csv")) : nil
        isTest = isFolder ? [] : try Self.division(rows, path: path)
        self.labels = labels
        labelName = label
        schema = try Self.complete(given, of: train, isTest: isTest, label: label, classes: labels.classes)
    }

    /// The coded examples.
    func split() throws(TrainingError) -> DatasetSplit {
        let inputs = schema.inputs
        guard (1...Self.maximumInputs).contains(inputs) else {
            throw TrainingError(
                .invalidFile,
                "\(train.path) gives \(inputs) inputs, not 1 to \(Self.maximumInputs): choose other columns in a schema"
            )
        }
        var trainPart = try CSVEncoder(schema, of: train, labels: labels, labelName: labelName)
        var testPart = try CSVEncoder(schema, of: test ?? train, labels: labels, labelName: labelName)
        func checkSize(_ examples: Int, of file: CSVFile) throws(TrainingError) {
            guard examples <= Self.maximumValues / inputs else {
                throw TrainingError(
                    .invalidFile,
                    "\(file.path) becomes more than \(Self.maximumValues) numbers with \(inputs) inputs: use fewer rows or "
                        + "columns")
            }
        }
        var index = 0
        var rows = train.rows
        while try train.next(&rows) {
            if test == nil, isTest[index] { try testPart.add(rows) } else { try trainPart.add(rows) }
            index += 1
            try checkSize(index, of: train)
        }
        if let test {
            var rows = test.rows
            while try test.next(&rows) {
                try testPart.add(rows)
                try checkSize(testPart.count, of: test)
            }
        }
        guard trainPart.count >= 1, testPart.count >= 1 else {
            let empty = trainPart.count == 0 ? train : test ?? train
            throw TrainingError(.invalidFile, "\(empty.path) has no rows behind its header: add some")
        }
        let values = CSVEncoder.attributeValues(trainPart, testPart)
        return DatasetSplit(
            train: try trainPart.dataset(attributeValues: values), test: try testPart.dataset(attributeValues: values),
            schema: schema)
    }

    /// What dividing the rows needs to know of each.
    private struct Rows {
        /// The first line of each different label.
        var firstLines: [String: Int] = [:]
        /// The label of each row, numbered as they occur.
        var groups: [Int32] = []
        /// The hash of each row; none where they were not asked for.
        var hashes: [UInt64] = []
    }

    private static func labels(of file: CSVFile, column: Int, hashed: Bool) throws(TrainingError) -> Rows {
        var result = Rows()
        var numbers: [String: Int32] = [:]
        var rows = file.rows
        while try file.next(&rows) {
            let text = try rows.text(column)
            switch CSVCell(text) {
            case .number, .text: break
            case .missing, .notFinite:
                throw TrainingError(
                    .invalidFile,
                    "\(file.path), line \(rows.line), column \(file.header[column]): the label is missing: add it or take the "
                        + "line out")
            }
            if result.firstLines[text] == nil { result.firstLines[text] = rows.line }
            let group = numbers[text] ?? Int32(truncatingIfNeeded: numbers.count)
            numbers[text] = group
            result.groups.append(group)
            guard hashed else { continue }
            var hash = StableHash()
            for field in 0..<rows.count { hash.add(rows.bytes(field)) }
            result.hashes.append(hash.mixed)
        }
        guard !result.groups.isEmpty else {
            throw TrainingError(.invalidFile, "\(file.path) has no rows behind its header: add some")
        }
        return result
    }

    /// Which rows test.
    private static func division(_ rows: Rows, path: String) throws(TrainingError) -> [Bool] {
        var members = [[UInt64]](repeating: [], count: rows.firstLines.count)
        for (group, hash) in zip(rows.groups, rows.hashes) { members[Int(group)].append(hash) }
        // A row tests if its hash is below that of the first of its class that trains.
        let limits = members.map { hashes in hashes.sorted()[hashes.count / 5] }
        let isTest = zip(rows.groups, rows.hashes).map { group, hash in hash < limits[Int(group)] }
        guard isTest.contains(true) else {
            throw TrainingError(
                .invalidFile,
                "\(path) has too few different rows to test with (one in five of a class of five or more): add rows, or make "
                    + "a folder with train.csv and test.csv")
        }
        return isTest
    }

    /// The schema with everything that training rows say; inferred altogether where there is none.
    private static func complete(
        _ given: CSVSchema?, of file: CSVFile, isTest: [Bool], label: String, classes: [String]
    ) throws(TrainingError) -> CSVSchema {
        // A column that is nil in `known` is one of which nothing is known but its name.
        var names: [String] = []
        var known: [CSVSchema.Column?] = []
        if let given {
            names = given.columns.map(\.name)
            known = given.columns
        } else {
            names = file.header.filter { $0 != label && !$0.isEmpty }
            known = names.map { _ in nil }
        }
        var wanted: [(position: Int, place: Int)] = []
        for position in names.indices where known[position]?.isComplete != true && names[position] != label {
            wanted.append((position, try file.column(names[position])))
        }
        var statistics = known.map { CSVColumnStatistics(isCategorical: $0?.kind == .categorical) }
        if !wanted.isEmpty {
            var rows = file.rows
            var index = 0
            while try file.next(&rows) {
                defer { index += 1 }
                if !isTest.isEmpty, isTest[index] { continue }
                for (position, place) in wanted { statistics[position].add(try rows.text(place), line: rows.line) }
            }
        }
        var columns: [CSVSchema.Column] = []
        for position in names.indices {
            var column: CSVSchema.Column =
                if let given = known[position] { given } else {
                    try statistics[position].inferred(name: names[position], path: file.path)
                }
            if column.kind == .label { column.categories = classes }
            columns.append(try statistics[position].completed(column, path: file.path))
        }
        if !columns.contains(where: { $0.kind == .label }) {
            columns.append(CSVSchema.Column(name: label, kind: .label, categories: classes))
        }
        return CSVSchema(columns: columns)
    }
}
