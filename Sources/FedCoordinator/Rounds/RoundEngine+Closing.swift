// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore

/// When a round closes.
extension RoundEngine {
    /// Seconds from a worker's dispatch to its stored update, or, where it was still at work then, to the end of the round; nil
    /// for all others, and for what an earlier process dispatched.
    package func secondsAtWork(_ worker: WorkerID) -> Double? {
        guard let pace = paces[worker], let dispatchedAt = pace.dispatchedAt else { return nil }
        if let storedAt = pace.storedAt { return storedAt - dispatchedAt }
        guard let closedAt, isAtWork(worker) else { return nil }
        return closedAt - dispatchedAt
    }

    /// Whether a worker has its assignment, is connected, and has neither declined nor got a verdict.
    package func isAtWork(_ worker: WorkerID) -> Bool {
        switch standings[worker] {
        case .training, .storing: true
        default: false
        }
    }

    /// Until when a round past its deadline waits for a worker, if nothing of it moves any more; nil where it does not.
    ///
    /// An upload that moves is waited for, and training that moves fast enough to be done by the limit. Whoever loses the
    /// connection has the usual time to come back.
    func patience(with worker: WorkerID) -> Double? {
        guard let pace = paces[worker] else { return nil }
        switch standings[worker] {
        case .storing: return pace.movedAt + stillness
        case .training:
            guard let dispatchedAt = pace.dispatchedAt, pace.share > 0,
                dispatchedAt + (pace.movedAt - dispatchedAt) / pace.share <= limit
            else { return nil }
            return pace.movedAt + stillness
        case .absent(let since): return pace.dispatchedAt == nil ? nil : since + reconnectGrace
        case .accepted, .refused, .declined, nil: return nil
        }
    }

    /// Closes the round if nothing is left to wait for.
    mutating func conclude(now: Double) -> [Action] {
        guard closedAt == nil else { return [] }
        if acceptedCount >= plan.wantedCount || now >= limit { return close(now: now) }
        if now >= deadline {
            let end = standings.keys.compactMap { patience(with: $0) }.max() ?? now
            return end > now ? wake(at: min(end, limit), now: now) : close(now: now)
        }
        if workingCount > 0 { return [] }
        var graceEnd = -Double.infinity
        for case .absent(let since) in standings.values { graceEnd = max(graceEnd, since + reconnectGrace) }
        let quorate = acceptedCount >= plan.quorum
        if graceEnd == -.infinity || (quorate && now >= graceEnd) { return close(now: now) }
        return wake(at: quorate ? min(graceEnd, deadline) : deadline, now: now)
    }

    /// Asks for `timePassed` unless that will be called early enough anyway.
    mutating func wake(at instant: Double, now: Double) -> [Action] {
        guard alarm <= now || alarm > instant else { return [] }
        alarm = instant
        return [.wake(at: instant)]
    }

    /// Workers that are still at it are told to stop only if their round made a model, else it is tried again, and only where
    /// their updates are not folded into a later one.
    mutating func close(now: Double) -> [Action] {
        closedAt = now
        guard acceptedCount >= plan.quorum else {
            return [.close(.short(accepted: acceptedCount, quorum: plan.quorum))]
        }
        guard late == .refuse else { return [.close(.complete)] }
        return plan.assignments.filter { isAtWork($0.worker) }.map { .cancel($0.worker) } + [.close(.complete)]
    }
}
