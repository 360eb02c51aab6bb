// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore

/// Which examples of a data set are classified together when a network is measured.
package struct EvaluationBatches {
    /// No batch is larger where predictions depend on it (the size in the experiments of Split-Mix, Hong et al., ICLR 2022).
    package static let dependentSize = 128

    /// Each example once, by index.
    package let all: [ArraySlice<Int>]
    private let size: Int
    private let areDependent: Bool

    /// Batches of `size`, at least 1, in the order of the data.
    ///
    /// Where predictions depend on the batch (`areDependent`) they are of at most `dependentSize` and as equal as can be, each of
    /// examples with one value of the data's first attribute, in an order that `generator` draws. Values with fewer
    /// examples than half a batch share batches.
    package init(of data: Dataset, size: Int, areDependent: Bool, generator: SeededGenerator) {
        precondition(size >= 1, "a batch has at least one example")
        self.areDependent = areDependent
        self.size = areDependent ? min(size, Self.dependentSize) : size
        var order = Array(0..<data.count)
        guard areDependent else {
            all = Self.cut(order, size: size)
            return
        }
        var stream = generator.stream("order")
        stream.shuffle(&order)
        let codes = data.attributes.first?.codes
        var kinds: [Int32: [Int]] = [:]
        for index in order { kinds[codes?[index] ?? 0, default: []].append(index) }
        let half = (self.size + 1) / 2
        let sorted = kinds.sorted { $0.key < $1.key }.map(\.value)
        let few = sorted.filter { $0.count < half }.flatMap { $0 }
        all = (sorted.filter { $0.count >= half } + [few]).flatMap { [size = self.size] kind in
            let number = (kind.count + size - 1) / size
            return (0..<number).map { kind[kind.count * $0 / number..<kind.count * ($0 + 1) / number] }
        }
    }

    /// Batches of `number` examples, at least 1, that `generator` draws, or of all without a number; whole batches, and so a few
    /// more examples, where predictions depend on them.
    func sample(_ number: Int?, generator: SeededGenerator) -> [ArraySlice<Int>] {
        guard let number else { return all }
        var stream = generator.stream("robustExamples")
        guard areDependent else {
            var indices = Array(0..<(all.last?.endIndex ?? 0))
            guard number < indices.count else { return all }
            stream.shuffle(&indices)
            return Self.cut(indices[..<max(1, number)].sorted(), size: size)
        }
        var batches = all
        stream.shuffle(&batches)
        var count = 0
        return Array(
            batches.prefix { batch in
                defer { count += batch.count }
                return count < number
            })
    }

    /// Equal parts but for the last.
    private static func cut(_ examples: [Int], size: Int) -> [ArraySlice<Int>] {
        stride(from: 0, to: examples.count, by: size).map { examples[$0..<min($0 + size, examples.count)] }
    }
}
