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

    /// How many of `available` workers are chosen.
    public func cohortSize(available: Int) -> Int {
        min(available, max(1, Int((fraction * Double(available)).rounded())))
    }

    public func cohort(from workers: [WorkerID], generator: SeededGenerator) -> [WorkerID] {
        let size = cohortSize(available: workers.count)
        guard size < workers.count else { return workers }
        var generator = generator
        var workers = workers
        // The first `size` steps of a Fisher-Yates shuffle.
        for index in 0..<size {
            workers.swapAt(index, index + generator.nextIndex(below: workers.count - index))
        }
        return workers.prefix(size).sorted()
    }
}
