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

    /// How far a worker has come.
    package struct Pace: Equatable, Sendable {
        /// When it was given its assignment first; nil before.
        package var dispatchedAt: Double?
        /// When something of it moved last: it was dispatched, its training went on, or bytes of its update arrived.
        package var movedAt: Double
        /// The share of its training that is done, in [0, 1].
        package var share = 0.0
        /// Payload bytes of its update that have arrived.
        package var bytes = 0
        /// When its update was stored; nil before.
        package var storedAt: Double?
    }

    /// An update of an earlier round that may still be added to this one.
    package struct Overdue: Equatable, Sendable {
        /// What the worker was asked for.
        package let assignment: WorkerAssignment
        /// `.training` as long as it is awaited, `.storing`, `.accepted` or `.refused`.
        package internal(set) var standing = Standing.training
    }

    /// The plan that is being carried out.
    package let plan: RoundPlan
    /// Where each chosen worker stands.
    package internal(set) var standings: [WorkerID: Standing]
    /// How far each chosen worker has come.
    package internal(set) var paces: [WorkerID: Pace]
    /// The updates of earlier rounds that are awaited or have come, by worker.
    package internal(set) var overdue: [WorkerID: Overdue]
    /// When the round closes with what it has, but for what moves.
    package let deadline: Double
    /// When it closes whatever moves: at twice the time that the plan gives it.
    package let limit: Double
    /// Seconds that a lost worker has to come back.
    package let reconnectGrace: Double
    /// A worker of which nothing has moved for so many seconds stands still.
    package let stillness: Double
    /// How many updates are stored and counted, those of earlier rounds left out.
    package internal(set) var acceptedCount = 0
    /// When the round closed; nil before.
    package internal(set) var closedAt: Double?
    /// How many workers are at work.
    var workingCount = 0
    /// When the caller will call `timePassed`.
    var alarm = -Double.infinity
    let late: LatePolicy
    private let places: [WorkerID: Int]

    /// A round that starts at `now`.
    ///
    /// `stored` are the workers whose updates were found in the journal and are counted already, `dispatchedAt` says when
    /// workers were given their assignments in an earlier attempt. A worker that is lost gets `reconnectGrace` seconds to come
    /// back before a round that has its quorum closes without it. `overdue` are assignments of earlier rounds whose updates
    /// this one may fold, and `folded` the workers whose are in the journal. Workers say something every `heartbeatSeconds`.
    package init(
        plan: RoundPlan, stored: Set<WorkerID> = [], dispatchedAt: [WorkerID: Double] = [:],
        reconnectGrace: Double = 1, heartbeatSeconds: Double = 2, late: LatePolicy = .refuse,
        overdue: [WorkerAssignment] = [], folded: Set<WorkerID> = [], now: Double
    ) {
        precondition(!plan.assignments.isEmpty && plan.quorum >= 1, "a plan has assignments and a quorum")
        self.plan = plan
        self.reconnectGrace = reconnectGrace
        self.late = late
        deadline = now + plan.deadlineSeconds
        limit = now + 2 * plan.deadlineSeconds
        stillness = min(max(3 * heartbeatSeconds, plan.deadlineSeconds / 10), plan.deadlineSeconds / 4)
        places = Dictionary(uniqueKeysWithValues: zip(plan.assignments.map(\.worker), plan.assignments.indices))
        standings = [:]
        paces = [:]
        for worker in plan.assignments.map(\.worker) {
            standings[worker] = stored.contains(worker) ? .accepted : .absent(since: now)
            paces[worker] = Pace(dispatchedAt: dispatchedAt[worker], movedAt: now)
        }
        acceptedCount = standings.values.count { $0 == .accepted }
        self.overdue = [:]
        for assignment in overdue {
            precondition(assignment.round < plan.round, "what is overdue belongs to an earlier round")
            self.overdue[assignment.worker] = Overdue(
                assignment: assignment, standing: folded.contains(assignment.worker) ? .accepted : .training)
        }
    }

    /// What a worker was asked for in this round; nil if it was not chosen.
    package func assignment(of worker: WorkerID) -> WorkerAssignment? {
        places[worker].map { plan.assignments[$0] }
    }

    /// What follows from the plan and the workers that are connected when the round starts.
    package mutating func start(connected: Set<WorkerID>, now: Double) -> [Action] {
        guard acceptedCount < plan.wantedCount else { return close(now: now) }
        var actions: [Action] = []
        for assignment in plan.assignments where connected.contains(assignment.worker) {
            actions += dispatch(assignment.worker, now: now)
        }
        return actions + wake(at: deadline, now: now) + conclude(now: now)
    }

    /// A worker has connected, for the first time or again.
    package mutating func connected(_ worker: WorkerID, now: Double) -> [Action] {
        guard closedAt == nil else { return [] }
        return dispatch(worker, now: now)
    }

    /// A worker's connection is gone.
    package mutating func lost(_ worker: WorkerID, now: Double) -> [Action] {
        guard closedAt == nil, standings[worker] == .training else { return [] }
        move(worker, to: .absent(since: now))
        return conclude(now: now)
    }

    /// A worker's training has come to `share`, in [0, 1].
    package mutating func trained(_ worker: WorkerID, share: Double, now: Double) {
        guard closedAt == nil, standings[worker] == .training, paces[worker]?.share != share else { return }
        paces[worker]?.share = share
        paces[worker]?.movedAt = now
    }

    /// So many more payload bytes of a worker's update have arrived.
    package mutating func received(_ worker: WorkerID, bytes: Int, now: Double) {
        guard closedAt == nil, bytes > 0, standings[worker] == .storing else { return }
        paces[worker]?.bytes += bytes
        paces[worker]?.movedAt = now
    }

    /// A worker says that it cannot carry out its assignment.
    package mutating func declined(_ worker: WorkerID, round: RoundID, reason: String, now: Double) -> [Action] {
        guard closedAt == nil else { return [] }
        guard round == plan.round else {
            if let entry = overdue[worker], entry.assignment.round == round, entry.standing == .training {
                overdue[worker] = nil
            }
            return []
        }
        switch standings[worker] {
        case .absent, .training: move(worker, to: .declined(reason))
        default: return []
        }
        return conclude(now: now)
    }

    /// The clock has moved on.
    package mutating func timePassed(now: Double) -> [Action] { conclude(now: now) }

    private mutating func dispatch(_ worker: WorkerID, now: Double) -> [Action] {
        guard case .absent = standings[worker], now < deadline else { return [] }
        move(worker, to: .training)
        if paces[worker]?.dispatchedAt == nil { paces[worker]?.dispatchedAt = now }
        paces[worker]?.movedAt = now
        return [.dispatch(worker)]
    }

    /// Changes where a chosen worker stands.
    mutating func move(_ worker: WorkerID, to standing: Standing) {
        let old = standings.updateValue(standing, forKey: worker)
        if old == .accepted { acceptedCount -= 1 }
        if standing == .accepted { acceptedCount += 1 }
        if old == .training || old == .storing { workingCount -= 1 }
        if standing == .training || standing == .storing { workingCount += 1 }
    }
}
