// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// All assignments of a round, and when the round may close.
public struct RoundPlan: Hashable, Codable, Sendable {
    /// The round.
    public var round: RoundID
    /// The model every assignment starts from.
    public var baseVersion: ModelVersion
    /// One for each chosen worker, ordered by worker.
    public var assignments: [WorkerAssignment]
    /// With fewer accepted updates the round does not make a model.
    public var quorum: Int
    /// Seconds after dispatch at which the round closes with what it has.
    public var deadlineSeconds: Double

    /// A plan.
    public init(
        round: RoundID, baseVersion: ModelVersion, assignments: [WorkerAssignment], quorum: Int, deadlineSeconds: Double
    ) {
        self.round = round
        self.baseVersion = baseVersion
        self.assignments = assignments
        self.quorum = quorum
        self.deadlineSeconds = deadlineSeconds
    }
}
