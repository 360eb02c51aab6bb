// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// A round's aggregation of a model of several base networks: one of each base by itself, over the workers that trained it.
struct BasesAggregation: Aggregation {
    private var bases: [any Aggregation]
    private let size: Int
    private(set) var contributions = 0
    private(set) var totalWeight: Int64 = 0

    /// Goes on from one aggregation for each base, to none of which anything has been added.
    init(_ bases: [any Aggregation]) {
        precondition(!bases.isEmpty, "a model has a base")
        self.bases = bases
        size = bases[0].parameterCount
    }

    var parameterCount: Int { size * bases.count }
    var exactSum: FixedPointAccumulator? { nil }

    /// The bases that a worker has trained.
    var trained: UpdateScope { .bases(bases.indices.filter { bases[$0].contributions > 0 }) }

    func check(weight: Int64) throws(CoreError) {
        for base in bases { try base.check(weight: weight) }
    }

    /// The piece must lie within one base.
    mutating func add(_ piece: UpdatePiece, weight: Int64) throws(CoreError) {
        let base = size == 0 ? 0 : piece.start / size
        try bases[base].add(piece.shifted(by: -base * size), weight: weight)
    }

    mutating func count(weight: Int64, in scope: UpdateScope) throws(CoreError) {
        let chosen = chosen(by: scope)
        for base in chosen { try bases[base].check(weight: weight) }
        for base in chosen { try bases[base].count(weight: weight) }
        contributions += 1
        totalWeight += weight
    }

    mutating func discount(weight: Int64, in scope: UpdateScope) {
        for base in chosen(by: scope) { bases[base].discount(weight: weight) }
        contributions -= 1
        totalWeight -= weight
    }

    func finish() -> [Float] { bases.flatMap { $0.finish() } }

    mutating func takeResult() -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(parameterCount)
        for base in bases.indices { result += bases[base].takeResult() }
        return result
    }

    private func chosen(by scope: UpdateScope) -> [Int] {
        if case .bases(let chosen) = scope { chosen } else { Array(bases.indices) }
    }
}

/// An aggregator of each base network by itself.
struct BasesAggregator: Aggregator {
    let inner: any Aggregator
    /// How many bases there are.
    let bases: Int

    var name: String { inner.name }
    var minimumUpdates: Int { inner.minimumUpdates }

    func begin(count: Int, weightBound: Int64) throws(CoreError) -> any Aggregation {
        precondition(count.isMultiple(of: bases), "all bases have the same size")
        var parts: [any Aggregation] = []
        for _ in 0..<bases { parts.append(try inner.begin(count: count / bases, weightBound: weightBound)) }
        return BasesAggregation(parts)
    }
}
