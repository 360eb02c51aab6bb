// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Which base networks the workers of a round train (Split-Mix: Hong et al., ICLR 2022, algorithm 1).
///
/// Every worker's first base comes from one round-robin over all bases that goes on from worker to worker and from round to round
/// and is shuffled anew each time it has gone through them, so that all are trained equally often; the others are drawn at random.
public struct BaseDraws: Hashable, Sendable {
    /// The width of a base.
    public let baseWidth: WidthRatio
    /// Whether base 0 is among those of every worker that trains two or more: it becomes better, the others worse.
    public let favoursFirst: Bool
    /// How many bases there are: as many as are as wide together as the whole model.
    public var count: Int { baseWidth.denominator }

    /// Draws of bases of width 1/B, of which there are B.
    ///
    /// Throws `StrategyError.invalidSpecification` unless B is a whole number from 2 to 1024.
    public init(baseWidth: WidthRatio, favoursFirst: Bool = false) throws(StrategyError) {
        guard baseWidth.numerator == 1, (2...ModelSpec.maximumBases).contains(baseWidth.denominator) else {
            throw StrategyError(
                .invalidSpecification,
                "strategy.baseWidth: a whole number of bases, 2 to \(ModelSpec.maximumBases), makes up the full width: "
                    + "write 1/8 or the like, not \(baseWidth)")
        }
        self.baseWidth = baseWidth
        self.favoursFirst = favoursFirst
    }

    /// How many bases a worker trains in a round that can afford `budget`; 0 where that is less than one.
    public func affordable(_ budget: WidthRatio) -> Int { budget.count(of: baseWidth) }

    /// Number `position`, from 0, of the round-robin of a run.
    public func first(at position: Int, run: SeededGenerator) -> Int {
        var order = Array(0..<count)
        var stream = run.stream("bases", UInt64(position / count))
        stream.shuffle(&order)
        return order[position % count]
    }

    /// What a worker trains whose draw is number `position` and that can afford `budget`, at least one base; `worker` draws the
    /// others.
    public func scope(at position: Int, budget: WidthRatio, run: SeededGenerator, worker: SeededGenerator)
        -> UpdateScope
    {
        let first = first(at: position, run: run)
        var others = (0..<count).filter { $0 != first }
        var stream = worker.stream("bases")
        stream.shuffle(&others)
        if favoursFirst, let place = others.firstIndex(of: 0) { others.swapAt(0, place) }
        return .bases(([first] + others.prefix(max(1, affordable(budget)) - 1)).sorted())
    }
}
