// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// A fixed share of the workers, every set of that size equally likely.
///
/// The number is max(1, round(fraction · available)), a half rounding up (McMahan et al., AISTATS 2017, algorithm 1:
/// m ← max(C·K, 1)).
public struct UniformSampler: CohortSampler, Hashable {
    /// The share of the available workers, in (0, 1].
    public let fraction: Double

    /// A sampler of that share, in (0, 1].
    public init(fraction: Double = 1) {
        precondition(fraction > 0 && fraction <= 1, "a share is above 0 and at most 1")
        self.fraction = fraction
    }

    public func cohortSize(available: Int) -> Int {
        min(available, max(1, Int((fraction * Double(available)).rounded())))
    }

    public func cohort(of size: Int, from workers: [WorkerID], generator: SeededGenerator) -> [WorkerID] {
        precondition((1...workers.count).contains(size), "a cohort is made of workers that are there")
        guard size < workers.count else { return workers }
        var generator = generator
        // The first `size` steps of a Fisher-Yates shuffle, of which only what has moved is kept.
        var moved: [Int: Int] = [:]
        let chosen = (0..<size).map { index in
            let other = index + generator.nextIndex(below: workers.count - index)
            let taken = moved[other] ?? other
            moved[other] = moved[index] ?? index
            return taken
        }
        // `workers` is ordered, and so are its members in the order of their places.
        return chosen.sorted().map { workers[$0] }
    }
}
