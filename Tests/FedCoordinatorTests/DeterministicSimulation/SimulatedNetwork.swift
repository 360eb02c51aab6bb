// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore

/// Connections that delay, and break; unruly ones also lose, repeat and reorder what they carry.
final class SimulatedNetwork {
    private unowned let world: SimulatedWorld
    private(set) var links: [SimulatedLink] = []
    /// The workers that reach nobody.
    private(set) var partitioned: Set<WorkerID> = []
    private var made = 0

    init(in world: SimulatedWorld) { self.world = world }

    /// Opens a connection; nil where nobody answers.
    func connect(_ worker: WorkerID) -> SimulatedLink? {
        guard !partitioned.contains(worker), let coordinator = world.coordinator else { return nil }
        made += 1
        let link = SimulatedLink(number: made, worker: worker, coordinatorLife: coordinator.life)
        links.removeAll { $0.isCut && !$0.isOpenAtCoordinator && !$0.isOpenAtWorker }
        links.append(link)
        return link
    }

    func sendToCoordinator(_ message: SimulatedMessage, on link: SimulatedLink) {
        guard link.isOpenAtWorker else { return }
        for arrival in arrivals(after: &link.newestToCoordinator, message) {
            world.at(arrival) { [world] in
                guard arrival <= link.lastToCoordinator, link.isOpenAtCoordinator, let coordinator = world.coordinator,
                    coordinator.life == link.coordinatorLife
                else { return }
                world.note { "\(link.worker) ─▶ \(message.text) (connection \(link.number))" }
                coordinator.receive(message, on: link)
            }
        }
    }

    func sendToWorker(_ message: SimulatedMessage, on link: SimulatedLink) {
        guard link.isOpenAtCoordinator else { return }
        for arrival in arrivals(after: &link.newestToWorker, message) {
            world.at(arrival) { [world] in
                guard arrival <= link.lastToWorker, link.isOpenAtWorker else { return }
                world.note { "\(link.worker) ◀─ \(message.text) (connection \(link.number))" }
                world.worker(link.worker).receive(message, on: link)
            }
        }
    }

    /// When copies of a message arrive: one in order, or whatever an unruly connection makes of it. What makes a session, and
    /// the bytes of an update behind their offer, stay in order in any case.
    private func arrivals(after newest: inout Double, _ message: SimulatedMessage) -> [Double] {
        let isSlow = !world.isHealed && world.chance(0.05)
        let delay = isSlow ? world.uniform(0.1, 3) : world.uniform(0.001, 0.05)
        let inOrder = max(newest, world.now + delay)
        var repetition: [Double] = []
        if world.scenario.isUnruly, !world.isHealed {
            if !message.isNeverLost, world.chance(0.05) { return [] }
            if !message.isNeverRepeated {
                if world.chance(0.1) { repetition = [inOrder + world.uniform(0, 5)] }
                if world.chance(0.2) { return [world.now + world.uniform(0, 2)] + repetition }
            }
        }
        newest = inOrder
        return [inOrder] + repetition
    }

    /// Breaks a connection; what is under way arrives for a while or not, and either end notices at once or by silence.
    func cut(_ link: SimulatedLink) {
        guard !link.isCut else { return }
        link.isCut = true
        world.note { "connection \(link.number) of \(link.worker) breaks" }
        link.lastToCoordinator = world.now + (world.chance(0.5) ? world.uniform(0, 3) : 0)
        link.lastToWorker = world.now + (world.chance(0.5) ? world.uniform(0, 3) : 0)
        let silence = world.chance(0.5) ? world.uniform(6, 8) : world.uniform(0, 0.5)
        noticeAtCoordinator(link, at: max(link.lastToCoordinator, world.now + silence))
        noticeAtWorker(link, at: max(link.lastToWorker, world.now + world.uniform(0, world.chance(0.5) ? 0.5 : 8)))
    }

    /// The coordinator, or the process that it was, closes a connection; the worker notices.
    func closeFromCoordinator(_ link: SimulatedLink) {
        link.isOpenAtCoordinator = false
        guard !link.isCut else { return }
        link.isCut = true
        link.lastToCoordinator = world.now
        noticeAtWorker(link, at: max(link.newestToWorker, world.now + world.uniform(0.001, 0.5)))
    }

    /// A worker's process is gone; the coordinator notices.
    func closeFromWorker(_ link: SimulatedLink) {
        link.isOpenAtWorker = false
        guard !link.isCut else { return }
        link.isCut = true
        link.lastToWorker = world.now
        let silence = world.chance(0.2) ? world.uniform(6, 8) : world.uniform(0.001, 0.5)
        noticeAtCoordinator(link, at: max(link.newestToCoordinator, world.now + silence))
    }

    /// Some workers reach nobody for a while.
    func partition(_ workers: [WorkerID], seconds: Double) {
        partitioned.formUnion(workers)
        for link in links where workers.contains(link.worker) { cut(link) }
        world.after(seconds) { [self] in partitioned.subtract(workers) }
    }

    /// Everything works from now on; connections that have lost something are replaced.
    func heal() {
        partitioned = []
        guard world.scenario.isUnruly else { return }
        for link in links { cut(link) }
    }

    private func noticeAtCoordinator(_ link: SimulatedLink, at time: Double) {
        world.at(time) { [world] in
            guard link.isOpenAtCoordinator else { return }
            link.isOpenAtCoordinator = false
            guard let coordinator = world.coordinator, coordinator.life == link.coordinatorLife else { return }
            coordinator.connectionLost(link)
        }
    }

    private func noticeAtWorker(_ link: SimulatedLink, at time: Double) {
        world.at(time) { [world] in
            guard link.isOpenAtWorker else { return }
            link.isOpenAtWorker = false
            world.worker(link.worker).connectionLost(link)
        }
    }
}
