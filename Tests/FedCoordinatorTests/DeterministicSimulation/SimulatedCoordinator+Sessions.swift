// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedWire

/// As `Coordinator+Sessions` has it.
extension SimulatedCoordinator {
    /// Handles what a worker says; what comes before its session has begun waits for that.
    func receive(_ message: SimulatedMessage, on link: SimulatedLink) {
        guard link.session != nil else {
            if case .hello = message { greet(link) } else { link.early.append(message) }
            return
        }
        switch message {
        case .heartbeat(let share):
            guard sessions[link.worker] === link else { return }
            open?.engine.trained(link.worker, share: share, now: now)
        case .offer(let offer, let upload): admit(offer, upload: upload, from: link)
        case .bytes(let bytes, let upload): fold(bytes, of: upload)
        case .decline(let round):
            guard sessions[link.worker] === link else { return }
            overdue.declined(link.worker, round: round)
            decide { $0.declined(link.worker, round: round, reason: "it failed", now: $1) }
        case .hello, .welcome, .assignment, .receipt, .cancel, .ended: preconditionFailure("a worker does not say this")
        }
    }

    private func greet(_ link: SimulatedLink) {
        guard !quarantined.contains(link.worker) else { return world.network.closeFromCoordinator(link) }
        let held = handOverUpload(of: link.worker)
        world.network.sendToWorker(.welcome(held: held), on: link)
        later(world.uniform(0, 0.02)) { [unowned self] in
            guard link.isOpenAtCoordinator else { return }
            begin(link)
        }
    }

    /// Registers a session; one of the same worker that is still there makes room for it.
    private func begin(_ link: SimulatedLink) {
        sessionCount += 1
        link.session = sessionCount
        if let old = sessions.updateValue(link, forKey: link.worker) {
            decide { $0.lost(link.worker, now: $1) }
            later(world.uniform(0, 0.1)) { [unowned self] in
                world.network.closeFromCoordinator(old)
                connectionLost(old)
            }
        }
        decide { $0.connected(link.worker, now: $1) }
        if let waiting, sessions.count >= waiting.needed {
            self.waiting = nil
            later(world.uniform(0, 0.002), waiting.action)
        }
        let early = link.early
        link.early = []
        for message in early { receive(message, on: link) }
    }

    /// A connection is gone: uploads over it break off, and behind what it brought to the disk its session ends.
    func connectionLost(_ link: SimulatedLink) {
        for (number, upload) in arriving.sorted(by: { $0.key < $1.key }) where upload.link === link {
            if upload.isReceiving { breakOff(number) }
        }
        if link.storing == 0 { sessionEnded(link) }
    }

    func sessionEnded(_ link: SimulatedLink) {
        let isCurrent = sessions[link.worker] === link
        guard isCurrent || (world.bug == .takesOldForNew && link.session != nil) else { return }
        world.note { "the session of \(link.worker) has ended" }
        sessions[link.worker] = nil
        decide { $0.lost(link.worker, now: $1) }
    }

    // MARK: Quarantine

    func quarantine(_ worker: WorkerID) {
        world.note { "\(worker) is put into quarantine" }
        quarantined.insert(worker)
        disk("quarantine of \(worker)", { [world] in world.store.quarantine(worker) }, then: {})
        guard let link = sessions[worker] else { return }
        world.network.closeFromCoordinator(link)
        connectionLost(link)
    }

    func release(_ worker: WorkerID) { quarantined.remove(worker) }
}
