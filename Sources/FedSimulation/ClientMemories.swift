// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCore
internal import Synchronization

/// What the workers of a simulation in one process carry from round to round, where a worker process has files.
///
/// Takes 4 bytes for each parameter, vector and worker that was ever chosen, and for each parameter of a worker's own.
final class ClientMemories: Sendable {
    private let memories = Mutex<[WorkerID: WorkerMemory]>([:])

    /// What `worker` begins a round with.
    func memory(of worker: WorkerID) -> WorkerMemory { memories.withLock { $0[worker] } ?? WorkerMemory() }

    /// What `worker` ends a round with.
    func keep(_ memory: WorkerMemory, of worker: WorkerID) {
        memories.withLock { $0[worker] = memory }
    }
}
