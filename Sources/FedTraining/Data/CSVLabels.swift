// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The classes of a table and their codes.
struct CSVLabels {
    /// A table with more is taken for one whose label was chosen by mistake.
    static let maximumClasses = 1000

    /// The names of the classes, by their codes.
    let classes: [String]
    private let codes: [String: Int32]

    /// The classes of a schema.
    init(classes: [String]) {
        self.classes = classes
        var codes: [String: Int32] = [:]
        for (code, name) in classes.enumerated() { codes[name] = Int32(code) }
        self.codes = codes
    }

    /// The classes that occur: 0 to the largest where all are whole numbers, otherwise the texts, sorted by their bytes.
    ///
    /// `lines` has the line of the first row of each. Throws `TrainingError.invalidFile` for negative numbers and for too
    /// many classes.
    init(from lines: [String: Int], column: String, path: String) throws(TrainingError) {
        let numbers = lines.compactMap { text, line in Int(text).map { (number: $0, line: line) } }
        guard numbers.count == lines.count else {
            guard lines.count <= Self.maximumClasses else {
                throw TrainingError(
                    .invalidFile,
                    "\(path), column \(column) has \(lines.count) different texts, too many for classes (at most "
                        + "\(Self.maximumClasses)): is it the label?")
            }
            self.init(classes: lines.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
            return
        }
        let wrong = numbers.filter { $0.number < 0 || $0.number >= Self.maximumClasses }.min { $0.line < $1.line }
        if let wrong {
            throw TrainingError(
                .invalidFile,
                "\(path), line \(wrong.line), column \(column): a label that is a number must be 0 to "
                    + "\(Self.maximumClasses - 1): number the classes from 0 or name them")
        }
        self.init(classes: (0...(numbers.map(\.number).max() ?? 0)).map { String($0) })
    }

    /// The code of a label, however a number is spelled; nil for one that is none of the classes.
    func code(of text: String) -> Int32? {
        codes[text] ?? Int(text).flatMap { codes[String($0)] }
    }
}
