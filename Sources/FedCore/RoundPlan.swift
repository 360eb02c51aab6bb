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
    /// Seconds after dispatch at which the round closes with what it has, but for what moves.
    public var deadlineSeconds: Double
    /// The round closes as soon as so many updates are in, nil for one of each assignment.
    public var wanted: Int?
    /// How many first bases were drawn in the run up to this plan, its own included; nil where no bases are drawn.
    public var drawn: Int?
    /// How many updates of earlier rounds may still come when the round is planned; nil for none.
    public var awaited: Int?
    /// What workers that are not part of this attempt were asked for in earlier ones of the round, by name; nil for nothing.
    public var asked: [String: UpdateScope]?

    /// A plan.
    public init(
        round: RoundID, baseVersion: ModelVersion, assignments: [WorkerAssignment], quorum: Int,
        deadlineSeconds: Double, wanted: Int? = nil, drawn: Int? = nil, asked: [String: UpdateScope]? = nil
    ) {
        self.round = round
        self.baseVersion = baseVersion
        self.assignments = assignments
        self.quorum = quorum
        self.deadlineSeconds = deadlineSeconds
        self.wanted = wanted
        self.drawn = drawn
        self.asked = asked
    }

    /// How many updates close the round at once.
    public var wantedCount: Int { min(wanted ?? assignments.count, assignments.count) }
}
