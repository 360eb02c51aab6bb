// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Chooses who takes part in a round.
///
/// A sampler is a value without state. The same workers and generator give the same cohort.
public protocol CohortSampler: Sendable {
    /// At least one of `workers`, ordered by name.
    ///
    /// `workers` is ordered by name, not empty, and names nobody twice.
    func cohort(from workers: [WorkerID], generator: SeededGenerator) -> [WorkerID]
}
