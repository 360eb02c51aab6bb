// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What a finished model's batch normalisation layers normalise by, and where that comes from.
///
/// Training passes normalise by their batch in any case.
public enum NormalizationStatistics: String, NamedChoice, Sendable {
    /// Running means and variances, which the coordinator averages like weights in every round.
    case averaged
    /// Running means and variances that workers measure with the finished weights in a last round of its own, in which
    /// nothing is trained (the cumulative mean over several passes: Split-Mix, Hong et al., ICLR 2022, appendix B).
    case postTraining = "post-training"
    /// The batch itself (HeteroFL, Diao et al., ICLR 2021): a prediction depends on the examples beside it.
    case batch
    /// Running means and variances that never leave a worker: each has its own, and so a model of its own.
    case local

    /// How many passes over its data a worker measures in.
    public static let passes = 20
}
