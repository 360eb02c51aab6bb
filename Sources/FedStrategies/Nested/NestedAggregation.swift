// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// A round's aggregation of a network that narrower ones are nested in: the mean of each entry over the workers that hold it.
struct NestedAggregation: Aggregation {
    private let levels: [NestedLevel]
    private var sum: FixedPointAccumulator
    /// What the changes of each level weigh together.
    private var weights: [Int64]
    private(set) var contributions = 0

    /// Goes on from `sum`, to which nothing has been added.
    init(sum: FixedPointAccumulator, levels: [NestedLevel]) {
        self.sum = sum
        self.levels = levels
        weights = Array(repeating: 0, count: levels.count)
    }

    var parameterCount: Int { sum.count }
    var totalWeight: Int64 { sum.totalWeight }
    var exactSum: FixedPointAccumulator? { nil }

    func check(weight: Int64) throws(CoreError) { try sum.check(weight: weight) }

    mutating func add(_ piece: UpdatePiece, weight: Int64) throws(CoreError) { try sum.add(piece, weight: weight) }

    mutating func count(weight: Int64, in scope: UpdateScope) throws(CoreError) {
        try sum.count(weight: weight)
        weights[index(of: scope)] += weight
        contributions += 1
    }

    mutating func discount(weight: Int64, in scope: UpdateScope) {
        sum.discount(weight: weight)
        weights[index(of: scope)] -= weight
        contributions -= 1
    }

    func finish() -> [Float] { sum.mean(of: levels.map(\.slice), weights: weights) }

    mutating func takeResult() -> [Float] {
        // One level is a plain mean, which gives memory back as it goes.
        guard levels.count > 1 else { return sum.takeMean() }
        return finish()
    }

    /// The number of the level that a change is of.
    private func index(of scope: UpdateScope) -> Int {
        guard let index = levels.firstIndex(where: { scope == .nested($0.width) }) else {
            preconditionFailure("a change of \(scope) was let in, which the model has not")
        }
        return index
    }
}

/// A weighted mean of each entry over the workers that hold it (HeteroFL: Diao, Ding and Tarokh, ICLR 2021, algorithm 1).
struct NestedAggregator: Aggregator {
    let inner: WeightedMeanAggregator
    /// The levels of the network, ascending.
    let levels: [NestedLevel]

    var name: String { inner.name }

    func begin(count: Int, weightBound: Int64) throws(CoreError) -> any Aggregation {
        precondition(
            count == 0 || levels.last?.slice.layout.count == count,
            "the levels are those of the network, and the last is all")
        return NestedAggregation(
            sum: try FixedPointAccumulator(count: count, valueBound: inner.valueBound, weightBound: weightBound),
            levels: levels)
    }
}
