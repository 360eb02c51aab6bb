// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore
internal import FedWire

/// The logic of one round without any I/O: events go in, actions come out.
///
/// Time is seconds on a clock of the caller's choice that never goes back. Three kinds of surprise are told apart: our
/// bug (a precondition with a message), the peer's fault (the update is refused and counted), and a legitimate race
/// (an event that came too late changes nothing).
package struct RoundEngine: ~Copyable {
    /// What the caller has to do, in this order.
    package enum Action: Equatable, Sendable {
        /// Send the worker its assignment and the model.
        case dispatch(WorkerID)
        /// Tell the worker to stop: its update would come too late.
        case cancel(WorkerID)
        /// Call `timePassed` at this instant, or later.
        case wake(at: Double)
        /// The round is over.
        case close(Outcome)
    }

    /// How a round ended.
    package enum Outcome: Equatable, Sendable {
        /// Enough updates were accepted to make a model.
        case complete
        /// Fewer updates than the quorum were accepted and no more can come in time.
        case short(accepted: Int, quorum: Int)
    }

    /// What to do with an update that a worker offers.
    package enum Verdict: Equatable, Sendable {
        /// Receive it.
        case receive
        /// Answer that it is stored already.
        case alreadyAccepted
        /// Answer with the reason.
        case refuse(UpdateRefusal)
    }

    /// Where a worker stands in this round.
    package enum Standing: Equatable, Sendable {
        /// Chosen, but not connected since the given instant.
        case absent(since: Double)
        /// At work.
        case training
        /// Its update is on its way to the disk.
        case storing
        /// Its update is stored and counted.
        case accepted
        /// Its update was refused, for the given reason.
        case refused(UpdateRefusal)
        /// It said that it cannot take part, for the given reason.
        case declined(String)
    }

    /// The plan that is being carried out.
    package let plan: RoundPlan
    /// Where each chosen worker stands.
    package private(set) var standings: [WorkerID: Standing]
    /// When the round closes with what it has.
    package let deadline: Double
    /// Seconds that a lost worker has to come back.
    package let reconnectGrace: Double
    private var closed = false

    /// A round that starts at `now`.
    ///
    /// `stored` are the workers whose updates were found in the journal and are counted already. A worker that is lost gets
    /// `reconnectGrace` seconds to come back before a round that has its quorum closes without it.
    package init(plan: RoundPlan, stored: Set<WorkerID> = [], reconnectGrace: Double = 1, now: Double) {
        precondition(!plan.assignments.isEmpty && plan.quorum >= 1, "a plan has assignments and a quorum")
        self.plan = plan
        self.reconnectGrace = reconnectGrace
        deadline = now + plan.deadlineSeconds
        standings = [:]
        for assignment in plan.assignments {
            standings[assignment.worker] = stored.contains(assignment.worker) ? .accepted : .absent(since: now)
        }
        precondition(standings.count == plan.assignments.count, "a worker has one assignment in a round")
    }

    /// How many updates are stored and counted.
    package var acceptedCount: Int {
        standings.values.count { $0 == .accepted }
    }

    /// What follows from the plan and the workers that are connected when the round starts.
    package mutating func start(connected: Set<WorkerID>, now: Double) -> [Action] {
        var actions: [Action] = []
        for assignment in plan.assignments where connected.contains(assignment.worker) {
            actions += dispatch(assignment.worker, now: now)
        }
        return actions + [.wake(at: deadline)] + conclude(now: now)
    }

    /// A worker has connected, for the first time or again.
    package mutating func connected(_ worker: WorkerID, now: Double) -> [Action] {
        guard !closed else { return [] }
        return dispatch(worker, now: now)
    }

    /// A worker's connection is gone.
    package mutating func lost(_ worker: WorkerID, now: Double) -> [Action] {
        guard !closed, standings[worker] == .training else { return [] }
        standings[worker] = .absent(since: now)
        return conclude(now: now)
    }

    /// A worker offers an update for `round` made from `baseVersion` with `codec`, of `exampleCount` examples.
    package mutating func offered(
        by worker: WorkerID, round: RoundID, baseVersion: ModelVersion, scope: UpdateScope, codec: CodecID,
        exampleCount: Int, maximumExamples: Int
    ) -> Verdict {
        guard round == plan.round else {
            return .refuse(.init(.wrongRound, "round \(round) is not open; the open round is \(plan.round)"))
        }
        guard let standing = standings[worker],
            let assignment = plan.assignments.first(where: { $0.worker == worker })
        else { return .refuse(.init(.notAssigned, "worker \(worker) was not chosen for round \(round)")) }
        switch standing {
        case .accepted: return .alreadyAccepted
        case .refused(let refusal): return .refuse(refusal)
        case .storing: return .refuse(.init(.unavailable, "another update for this round is being received"))
        case .declined: return .refuse(.init(.notAssigned, "worker \(worker) declined this round"))
        case .absent, .training: break
        }
        guard !closed else { return .refuse(.init(.late, "round \(round) is closed")) }
        if let refusal = Self.mismatch(
            with: assignment, baseVersion: baseVersion, scope: scope, codec: codec, exampleCount: exampleCount,
            maximumExamples: maximumExamples)
        {
            return .refuse(refusal)
        }
        standings[worker] = .storing
        return .receive
    }

    private static func mismatch(
        with assignment: WorkerAssignment, baseVersion: ModelVersion, scope: UpdateScope, codec: CodecID,
        exampleCount: Int, maximumExamples: Int
    ) -> UpdateRefusal? {
        if baseVersion != assignment.baseVersion {
            return .init(
                .wrongModelVersion,
                "the update starts from model \(baseVersion), the round from \(assignment.baseVersion)")
        }
        if scope != assignment.scope {
            return .init(
                .wrongScope, "the update covers \(scope.rawValue), the assignment \(assignment.scope.rawValue)")
        }
        if codec != assignment.codec {
            return .init(.wrongCodec, "the codec is \(codec), the assignment says \(assignment.codec)")
        }
        if exampleCount < 1 || exampleCount > maximumExamples {
            return .init(
                .badExampleCount, "the example count \(exampleCount) is not in 1...\(maximumExamples)")
        }
        return nil
    }

    /// The update that `offered` let in could not be received because the connection went away.
    package mutating func receiveFailed(_ worker: WorkerID, now: Double) -> [Action] {
        guard !closed, standings[worker] == .storing else { return [] }
        standings[worker] = .absent(since: now)
        return conclude(now: now)
    }

    /// Whether an update of this worker that is on disk counts: it was not counted before, and nothing speaks against it.
    package func counts(_ worker: WorkerID) -> Bool {
        guard !closed else { return false }
        return switch standings[worker] {
        case .storing, .training, .absent: true
        case .accepted, .refused, .declined, nil: false
        }
    }

    /// An update that `counts` is on disk and in the sum.
    package mutating func stored(_ worker: WorkerID, now: Double) -> [Action] {
        precondition(counts(worker), "only an update that counts is added")
        standings[worker] = .accepted
        return conclude(now: now)
    }

    /// A worker's update is refused: it cannot be decoded, or its values cannot be used.
    package mutating func refused(_ worker: WorkerID, _ refusal: UpdateRefusal, now: Double) -> [Action] {
        guard !closed, standings[worker] != nil, standings[worker] != .accepted else { return [] }
        standings[worker] = .refused(refusal)
        return conclude(now: now)
    }

    /// A worker says that it cannot carry out its assignment.
    package mutating func declined(_ worker: WorkerID, round: RoundID, reason: String, now: Double) -> [Action] {
        guard !closed, round == plan.round else { return [] }
        switch standings[worker] {
        case .absent, .training: standings[worker] = .declined(reason)
        default: return []
        }
        return conclude(now: now)
    }

    /// The clock has moved on.
    package mutating func timePassed(now: Double) -> [Action] {
        closed ? [] : conclude(now: now)
    }

    private mutating func dispatch(_ worker: WorkerID, now: Double) -> [Action] {
        guard case .absent = standings[worker], now < deadline else { return [] }
        standings[worker] = .training
        return [.dispatch(worker)]
    }

    /// Closes the round if nothing is left to wait for.
    private mutating func conclude(now: Double) -> [Action] {
        guard !closed else { return [] }
        var working = 0
        var graceEnd = -Double.infinity
        for standing in standings.values {
            switch standing {
            case .training, .storing: working += 1
            case .absent(let since): graceEnd = max(graceEnd, since + reconnectGrace)
            case .accepted, .refused, .declined: break
            }
        }
        let quorate = acceptedCount >= plan.quorum
        if now >= deadline { return close() }
        if working > 0 { return [] }
        if graceEnd == -.infinity || (quorate && now >= graceEnd) { return close() }
        return quorate ? [.wake(at: min(graceEnd, deadline))] : []
    }

    /// Workers that are still at it are told to stop only if their round made a model; else it is tried again.
    private mutating func close() -> [Action] {
        closed = true
        let accepted = acceptedCount
        guard accepted >= plan.quorum else { return [.close(.short(accepted: accepted, quorum: plan.quorum))] }
        let late = plan.assignments.filter { assignment in
            switch standings[assignment.worker] {
            case .training, .storing: true
            default: false
            }
        }
        return late.map { .cancel($0.worker) } + [.close(.complete)]
    }
}
