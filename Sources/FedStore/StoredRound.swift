// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import Foundation

/// What is known of a round: its latest attempt.
public struct StoredRound: Hashable, Sendable {
    /// The run.
    public var run: RunID
    /// The round.
    public var round: RoundID
    /// Where it stands.
    public var state: RoundState
    /// Counted from 1.
    public var attempt: Int
    /// What was asked of whom.
    public var plan: RoundPlan
    /// What came of it, once committed.
    public var record: RoundRecord?
    /// What ties the record to those before it, once committed: see `RecordChain`. Nil if an older version recorded it.
    public var hash: String?
    /// Why it, or the attempt that it replaced in `RunStore.retryRound`, was abandoned.
    public var reason: String?
    /// When the plan became durable.
    public var begun: Date
    /// When it was committed or abandoned.
    public var closed: Date?

    package init(
        run: RunID, round: RoundID, state: RoundState, attempt: Int, plan: RoundPlan, record: RoundRecord? = nil,
        hash: String? = nil, reason: String? = nil, begun: Date, closed: Date? = nil
    ) {
        self.run = run
        self.round = round
        self.state = state
        self.attempt = attempt
        self.plan = plan
        self.record = record
        self.hash = hash
        self.reason = reason
        self.begun = begun
        self.closed = closed
    }

    /// Throws `StoreError.illegalTransition` unless `attempt` of `round` may begin now: no round is open, and the round
    /// is either new or a later attempt of one that was abandoned.
    static func checkBegin(
        _ round: RoundID, attempt: Int, previous: (state: RoundState, attempt: Int)?, open: RoundID?
    ) throws(StoreError) {
        if let open {
            throw StoreError(.illegalTransition, "round \(open) is still open: commit or abandon it first")
        }
        guard round.rawValue >= 1, attempt >= 1 else {
            throw StoreError(.illegalTransition, "rounds and attempts are counted from 1")
        }
        guard let previous else { return }
        guard previous.state == .abandoned, attempt > previous.attempt else {
            throw StoreError(
                .illegalTransition,
                "round \(round) is \(previous.state.rawValue) in attempt \(previous.attempt): it cannot begin again")
        }
    }

    static func checkClose(_ round: RoundID, state: RoundState?) throws(StoreError) {
        guard let state else { throw StoreError(.missing, "round \(round) was never begun") }
        guard state == .planned else {
            throw StoreError(.illegalTransition, "round \(round) is already \(state.rawValue)")
        }
    }

    static func checkNext(_ next: RoundPlan?, after record: RoundRecord) throws(StoreError) {
        guard let next else { return }
        guard next.round == record.round.next else {
            throw StoreError(.illegalTransition, "round \(next.round) does not follow round \(record.round)")
        }
    }
}
