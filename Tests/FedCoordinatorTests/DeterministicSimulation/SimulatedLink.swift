// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore

/// One connection between a worker and a coordinator, with what each end knows of it.
final class SimulatedLink {
    let number: Int
    let worker: WorkerID
    /// Which coordinator it leads to: one that was started again is another one.
    let coordinatorLife: Int
    /// No message to the coordinator arrives after this instant.
    var lastToCoordinator = Double.infinity
    /// No message to the worker arrives after this instant.
    var lastToWorker = Double.infinity
    /// Whether the coordinator believes that it is open.
    var isOpenAtCoordinator = true
    /// Whether the worker believes that it is open.
    var isOpenAtWorker = true
    var isCut = false
    /// When the last message in either direction arrives, so that they stay in order.
    var newestToCoordinator = 0.0
    var newestToWorker = 0.0
    /// The coordinator's session, once it has begun.
    var session: Int?
    /// What came before that.
    var early: [SimulatedMessage] = []
    /// Updates of this connection that are on their way to the disk: its loss is taken note of behind them.
    var storing = 0

    init(number: Int, worker: WorkerID, coordinatorLife: Int) {
        self.number = number
        self.worker = worker
        self.coordinatorLife = coordinatorLife
    }
}
