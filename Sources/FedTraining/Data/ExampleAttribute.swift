// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What is known of each example besides its label, such as who wrote it or which hospital it is from.
///
/// Partitions may group examples by an attribute; models never see it.
public struct ExampleAttribute: Hashable, Sendable {
    /// What it is called, as in `writer`.
    public let name: String
    /// The names of the codes: `values[c]` is what code c stands for.
    public let values: [String]
    /// One code an example, in 0..<`values.count`.
    public let codes: [Int32]

    /// An attribute; `Dataset.init` checks that the codes are in range.
    public init(name: String, values: [String], codes: [Int32]) {
        self.name = name
        self.values = values
        self.codes = codes
    }

    /// An attribute whose values are numbers, in ascending order.
    init(name: String, numbers: [Int32]) {
        let distinct = Set(numbers).sorted()
        var codes: [Int32: Int32] = [:]
        for (code, number) in distinct.enumerated() { codes[number] = Int32(code) }
        self.init(name: name, values: distinct.map { String($0) }, codes: numbers.map { codes[$0] ?? 0 })
    }

    /// The attribute of the examples at `indices`, in that order, with the same `values`.
    func subset(_ indices: [Int]) -> ExampleAttribute {
        ExampleAttribute(name: name, values: values, codes: indices.map { codes[$0] })
    }
}
