// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// How much a worker's change counts in the mean, as a run file's `strategy.weighting` says it.
public enum Weighting: String, NamedChoice, Sendable {
    /// As much as the examples that it was trained on (McMahan et al., AISTATS 2017, algorithm 1).
    case examples
    /// As much as any other (TernGrad, STC).
    case uniform

    /// The weight of a change that was trained on so many examples.
    public func weight(examples: Int) -> Int64 { self == .uniform ? 1 : Int64(examples) }

    /// The most that the weights of so many updates can add up to.
    public func bound(updates: Int, examplesPerWorker: Int) -> Int64 {
        self == .uniform ? Int64(updates) : Int64(updates * examplesPerWorker)
    }
}
