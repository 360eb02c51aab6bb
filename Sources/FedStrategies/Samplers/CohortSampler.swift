// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Chooses who takes part in a round.
///
/// A sampler is a value without state. The same workers and generator give the same cohort.
public protocol CohortSampler: Sendable {
    /// How many updates a round makes a model of where so many workers are there, at least 1: 1 to `available`.
    func cohortSize(available: Int) -> Int

    /// `size` of `workers`, ordered by name.
    ///
    /// `workers` is ordered by name and names nobody twice; `size` is 1 to their number.
    func cohort(of size: Int, from workers: [WorkerID], generator: SeededGenerator) -> [WorkerID]
}
