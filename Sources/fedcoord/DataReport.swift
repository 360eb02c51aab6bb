// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCommandLine
import FedCoordinator
import FedCore
import FedTraining
import Foundation

/// What `fedcoord data describe` says: a data set, and what each worker of a run would hold of it.
struct DataReport {
    private let config: RunConfig.DataSection
    private let seed: UInt64
    private let split: DatasetSplit
    private let summary: PartitionSummary
    private var train: Dataset { split.train }

    /// Reads the data and divides them; throws `TrainingError`.
    init(_ config: RunConfig, workers: Int) throws {
        self.config = config.data
        seed = config.seed
        split = try DatasetRegistry.load(config.data.source)
        let parts = try Partitioner.partition(
            split.train, spec: config.data.partition, parts: workers, seed: config.seed)
        summary = PartitionSummary(
            of: split.train,
            parts: parts.enumerated().map { number, part in
                Partitioner.sample(part, fraction: config.data.fraction, number: number + 1, seed: config.seed)
            })
    }

    /// Text for lines of `columns` characters.
    func text(columns: Int) -> String {
        var lines = [
            "data        \(config.dataset)\(config.path.map { " in \($0)" } ?? " (embedded)")",
            "examples    \(train.count) to train, \(split.test.count) to test, each \(train.exampleShape)",
            "memory      \(Quantity.bytes(Self.bytes(train) + Self.bytes(split.test))), \(Self.kind(train)); the largest "
                + "part has \(Quantity.bytes(largestPartBytes))",
        ]
        let names = train.attributes.map { attribute in
            let shown = attribute.values.count <= 6 ? ": " + attribute.values.joined(separator: ", ") : ""
            return "\(attribute.name) (\(attribute.values.count) values\(shown))"
        }
        if !names.isEmpty { lines += Self.wrapped(names, behind: "attributes  ", columns: columns) }
        if let schema = split.schema {
            lines.append("schema      \(schema.fingerprint), \(config.schema ?? "taken from the training part")")
        }
        let share = config.fraction < 1 ? ", \(Self.percent(config.fraction)) of each part" : ""
        lines += ["partition   \(config.partition); \(summary.parts.count) workers, seed \(seed)\(share)", ""]
        lines += table(columns: columns).lines
        if let schema = split.schema { lines += [""] + SchemaTable.lines(schema, columns: columns) }
        let sizes = summary.sizes
        lines += [
            "",
            "examples of a worker: \(sizes.smallest) to \(sizes.largest), median \(sizes.median)"
                + (summary.unused > 0 ? "; in no part: \(summary.unused)" : ""),
            "label distance: \(Self.percent(summary.labelDistance)) of the examples would have to change their class for "
                + "all workers to be alike",
        ]
        return lines.joined(separator: "\n")
    }

    /// The same for programs.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(document), as: UTF8.self)
    }

    private var largestPartBytes: Int {
        train.count == 0 ? 0 : Self.bytes(train) / train.count * summary.sizes.largest
    }

    private func table(columns: Int) -> TextTable {
        let parts = summary.parts
        var table = TextTable([
            .init("worker", cells: parts.indices.map { "\($0 + 1)" } + ["all"]),
            .init("examples", cells: parts.map { "\($0.examples)" } + ["\(summary.examples)"]),
            .init(
                "share",
                cells: (parts.map(\.examples) + [summary.examples]).map { Self.percent($0, of: summary.examples) }),
            .init(
                "classes",
                cells: parts.map { "\($0.classes)" } + ["\(summary.labels.count { $0 > 0 })"]),
        ])
        table.columns += shownAttributes.map(attributeColumn)
        let histograms = parts.map(\.labels) + [summary.labels]
        var counted = table
        counted.columns += train.classNames.enumerated().map { label, name in
            .init(String(name.prefix(8)), cells: histograms.map { $0[label] == 0 ? "." : "\($0[label])" })
        }
        if counted.width <= columns { return counted }
        let isShort = train.classNames.allSatisfy { $0.count == 1 }
        table.columns.append(
            .init(
                isShort ? train.classNames.joined() : "labels", isNumber: false, cells: histograms.map(Self.sketch)))
        if table.width > columns { table.columns.removeLast() }
        return table
    }

    /// The attribute that the partition goes by; where it goes by none, all if they are few.
    private var shownAttributes: [Int] {
        switch config.partition {
        case .groups(let name), .domains(let name):
            return train.attributes.firstIndex { $0.name == name }.map { [$0] } ?? []
        default: return train.attributes.count <= 2 ? Array(train.attributes.indices) : []
        }
    }

    /// Which values of an attribute each worker has: their names where they are short, else how many there are.
    private func attributeColumn(_ number: Int) -> TextTable.Column {
        let attribute = train.attributes[number]
        let cells = summary.parts.map { part in
            let present = zip(attribute.values, part.attributes[number]).filter { $1 > 0 }.map(\.0)
            let names = present.joined(separator: " ")
            return names.count <= 20 ? names : "\(present.count) of \(attribute.values.count)"
        }
        return .init(attribute.name, isNumber: false, cells: cells + [""])
    }

    /// One character a class, the taller the more examples of it.
    private static func sketch(_ labels: [Int]) -> String {
        let bars = Array("▁▂▃▄▅▆▇█")
        let most = max(1, labels.max() ?? 1)
        return String(labels.map { $0 == 0 ? "." : bars[min(bars.count - 1, $0 * bars.count / (most + 1))] })
    }

    private static func wrapped(_ items: [String], behind heading: String, columns: Int) -> [String] {
        var lines = [heading]
        for (number, item) in items.enumerated() {
            let text = item + (number == items.count - 1 ? "" : ", ")
            if lines[lines.count - 1].count + text.count > columns, lines[lines.count - 1].count > heading.count {
                lines.append(String(repeating: " ", count: heading.count))
            }
            lines[lines.count - 1] += text
        }
        return lines.map { $0.hasSuffix(", ") ? String($0.dropLast()) : $0 }
    }

    private static func bytes(_ data: Dataset) -> Int {
        switch data.values {
        case .bytes(let values): values.count
        case .floats(let values): values.count * MemoryLayout<Float>.size
        }
    }

    private static func kind(_ data: Dataset) -> String {
        switch data.values {
        case .bytes: "one byte a value"
        case .floats: "four bytes a value"
        }
    }

    private static func percent(_ part: Int, of whole: Int) -> String {
        percent(whole == 0 ? 0 : Double(part) / Double(whole))
    }

    private static func percent(_ share: Double) -> String { Quantity.decimal(share * 100, 1) + " %" }
}

extension DataReport {
    /// The report as JSON has it.
    private struct Document: Encodable {
        struct Data: Encodable {
            let name: String
            let path: String?
            let train: Int
            let test: Int
            let shape: ExampleShape
            let classNames: [String]
            let bytes: Int
            let attributes: [String: [String]]
            let schema: CSVSchema?
            let schemaFingerprint: String?
        }

        struct Part: Encodable {
            let worker: Int
            let examples: Int
            let labels: [Int]
            let attributes: [String: [String: Int]]
        }

        struct Skew: Encodable {
            let smallest: Int
            let median: Int
            let largest: Int
            let labelDistance: Double
        }

        let data: Data
        let partition: PartitionSpec
        let seed: UInt64
        let fraction: Double
        let parts: [Part]
        let unused: Int
        let skew: Skew
    }

    private var document: Document {
        let sizes = summary.sizes
        return Document(
            data: .init(
                name: config.dataset, path: config.path, train: train.count, test: split.test.count,
                shape: train.exampleShape, classNames: train.classNames,
                bytes: Self.bytes(train) + Self.bytes(split.test),
                attributes: Dictionary(train.attributes.map { ($0.name, $0.values) }) { first, _ in first },
                schema: split.schema, schemaFingerprint: split.schema?.fingerprint),
            partition: config.partition, seed: seed, fraction: config.fraction,
            parts: summary.parts.enumerated().map { number, part in
                .init(
                    worker: number + 1, examples: part.examples, labels: part.labels,
                    attributes: Dictionary(
                        zip(train.attributes, part.attributes).map { attribute, counts in
                            let present = zip(attribute.values, counts).filter { $1 > 0 }
                            return (attribute.name, Dictionary(present) { $0 + $1 })
                        }
                    ) { first, _ in first })
            }, unused: summary.unused,
            skew: .init(
                smallest: sizes.smallest, median: sizes.median, largest: sizes.largest,
                labelDistance: summary.labelDistance))
    }
}
