// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCodecs
package import FedCore
package import Foundation

/// What a worker keeps of one run on disk: the update that waits for its receipt, and its memory.
///
/// The files, in the order in which a round writes them:
///
/// 1. `memory`: the memory after the last settled update, of generation g; absent at the beginning, which is generation 0.
/// 2. `memory.next`: the memory as it will be once the new update is accepted, of generation g + 1.
/// 3. `pending-update`: the update, which names generation g + 1. Only then it is offered.
/// 4. Accepted: `memory.next` becomes `memory`. Refused: what was sent goes back into the residual, and that is written as
///    `memory`, of generation g + 1 as well, and `memory.next` is removed. Refused for its values: the same with nothing kept,
///    since whatever is made of such values would be refused as well. Where `memory.next` is damaged, what of `memory`
///    is still true becomes the memory of generation g + 1.
/// 5. `pending-update` is removed.
///
/// Each step is on the disk before the next one begins, so that after a kill at any instant the files say what to do: a
/// `memory.next` that no pending update names is dropped, and the coordinator asks for the same training once more; a pending
/// update of a later generation than `memory` is offered again; one of the same generation is settled and is dropped. So no
/// change is applied twice, and none is lost. Calls must not overlap.
package struct RunFolder: Sendable {
    /// The run.
    package let run: RunDescription
    /// What tells it from others of its name.
    package let identity: RunIdentity
    private let folder: URL
    /// Called after each step; what it throws ends the call there, as a kill would.
    private let afterStep: @Sendable () throws(WorkerError) -> Void

    /// The files of `run` below a state directory; nothing is made yet.
    package init(
        in stateDirectory: URL, of run: RunDescription,
        afterStep: @escaping @Sendable () throws(WorkerError) -> Void = {}
    ) {
        self.run = run
        identity = RunIdentity(of: run)
        folder = stateDirectory.appendingPathComponent("runs").appendingPathComponent(run.run.rawValue)
        self.afterStep = afterStep
    }

    /// The memory that a training begins with.
    package struct Beginning: Sendable {
        /// What is kept.
        package var memory = WorkerMemory()
        /// Counts the updates that were settled.
        package var generation = 0
        /// Why an earlier memory could not be used; nil where nothing was lost.
        package var loss: String?
    }

    /// Tidies up after a kill and returns the update that waits for a receipt.
    package func recover(worker: WorkerID) -> PendingUpdate? {
        if let kept = PendingUpdate.load(from: folder, worker: worker, of: identity) {
            let current = current()
            // Of a damaged memory the generation may be damaged, too.
            guard let generation = kept.generation, current.loss == nil, generation <= current.generation else {
                return kept
            }
        }
        PendingUpdate.remove(from: folder)
        unlink(nextFile.path)
        return nil
    }

    /// The memory to begin `round` with; that after an update which waits for its receipt where `isUnsettled`.
    package func beginning(of round: RoundID, isUnsettled: Bool = false) -> Beginning {
        if isUnsettled {
            switch MemoryFile.read(nextFile, of: run) {
            case .absent: break
            case .found(let next): return Beginning(memory: next.memory, generation: next.generation)
            case .unusable(let reason, let generation):
                // The residual before it knows nothing of what the update has sent.
                let before = current().memory
                return Beginning(
                    memory: WorkerMemory(optimizer: before.optimizer, own: before.own), generation: generation,
                    loss: Self.loss(of: nextFile, reason))
            }
        }
        let current = current()
        guard let last = current.round, last >= round else {
            return Beginning(memory: current.memory, generation: current.generation, loss: current.loss)
        }
        // Its own parameters still say more of the worker's data than what all begin with.
        return Beginning(
            memory: WorkerMemory(own: current.memory.own), generation: current.generation,
            loss: "the coordinator has gone back to round \(round), but the memory is that of after round \(last)")
    }

    /// Makes the memory as it will be once the update of `round` is accepted durable. Throws `WorkerError.state`.
    package func propose(_ memory: WorkerMemory, generation: Int, round: RoundID) throws(WorkerError) {
        try StateDirectory.make(folder.path)
        try MemoryFile(generation: generation, round: round, memory: memory).write(to: nextFile, of: run)
        try afterStep()
    }

    /// Keeps a finished update; durably, if it names a generation. Throws `WorkerError.state`.
    package func keep(_ update: PendingUpdate) throws(WorkerError) {
        try StateDirectory.make(folder.path)
        try update.save(in: folder, of: identity)
        try afterStep()
    }

    /// Settles an update that names a generation.
    ///
    /// Returns why something was lost, if it was. Throws `WorkerError.state`; the update is then still unsettled, or settled on
    /// disk, and settling it again does no harm.
    package func settle(_ kept: PendingUpdate, _ fate: UpdateFate) throws(WorkerError) -> String? {
        guard let generation = kept.generation else { preconditionFailure("there is a memory to settle") }
        var loss: String?
        if current(.header).generation < generation {
            loss =
                switch fate {
                case .used: try makeCurrent(generation, of: kept.update.round)
                case .unused: try takeBack(kept.update, generation)
                case .unusable: try beginAnew(generation)
                }
            try afterStep()
        }
        unlink(nextFile.path)
        try afterStep()
        PendingUpdate.remove(from: folder)
        try afterStep()
        return loss
    }

    /// Makes the proposed memory, of `generation`, the memory; returns what was lost, if anything was.
    ///
    /// Where it cannot be used, the worker's own parameters and its optimiser stay as they were before, which is better
    /// than nothing. The residual of then does not: the update may have sent it.
    private func makeCurrent(_ generation: Int, of round: RoundID) throws(WorkerError) -> String? {
        // What is renamed need not be held.
        guard case .unusable(let reason) = proposed(generation, of: round, .checksum) else {
            guard rename(nextFile.path, memoryFile.path) == 0 else {
                throw StateDirectory.unwritable(folder.path, errno)
            }
            try StateFile.syncFolder(of: memoryFile)
            return nil
        }
        let before = current()
        try MemoryFile(
            generation: generation, round: round,
            memory: WorkerMemory(optimizer: before.memory.optimizer, own: before.memory.own)
        ).write(to: memoryFile, of: run)
        return "\(reason): what updates have left out so far is lost, and all else is as it was before this one"
    }

    /// Makes a memory of `generation` in which `update` was never sent; returns what was lost, if anything was.
    ///
    /// Where the proposed memory cannot be used, the memory before it can: nothing was taken out of that. Then what
    /// this round has added is lost. Without a residual there either, what was sent is at least a part of that.
    private func takeBack(_ update: ClientUpdate, _ generation: Int) throws(WorkerError) -> String? {
        var next = MemoryFile(generation: generation, round: current(.header).round, memory: WorkerMemory())
        var loss: String?
        switch proposed(generation, of: update.round, .vectors) {
        case .found(let memory): next.memory = memory
        case .unusable(let reason):
            let before = current()
            if before.generation == generation - 1 { next.memory = before.memory }
            guard run.uplink.keepsResidual, next.memory.residual.isEmpty else {
                try next.write(to: memoryFile, of: run)
                return "\(reason): what the worker has learnt in this round is lost, and all is as it was before it"
            }
            loss = "\(reason): what the update has left out is lost"
        }
        if run.uplink.keepsResidual, next.memory.residual.isEmpty {
            next.memory.residual = [Float](repeating: 0, count: run.layout.count)
        }
        do throws(CodecError) {
            guard run.parts.has(update.scope) else {
                throw CodecError(.wrongFormat, "it is about \(update.scope), which this run's model has not")
            }
            let codec = update.scope.codec(try CodecRegistry.codec(run.uplink), parts: run.parts)
            try next.memory.takeBack(update.payload, codec: codec, layout: run.layout)
        } catch {
            loss = "what was refused cannot be taken back: \(error.message)"
        }
        try next.write(to: memoryFile, of: run)
        return loss
    }

    /// Makes a memory of nothing, of `generation`; returns why.
    private func beginAnew(_ generation: Int) throws(WorkerError) -> String {
        try MemoryFile(generation: generation, round: current(.header).round, memory: WorkerMemory()).write(
            to: memoryFile, of: run)
        return "the update was refused for its values, so that what was kept of earlier rounds is dropped"
    }

    /// What `memory.next` turned out to be.
    private enum Proposal {
        case found(WorkerMemory)
        case unusable(String)
    }

    /// The memory that was proposed for the update of `round`, which leads to `generation`.
    private func proposed(_ generation: Int, of round: RoundID, _ depth: MemoryFile.Depth) -> Proposal {
        switch MemoryFile.read(nextFile, of: run, depth) {
        case .found(let next) where next.generation == generation && next.round == round: .found(next.memory)
        case .found: .unusable("memory.next is not that of the update")
        case .absent: .unusable("memory.next is missing")
        case .unusable(let reason, _): .unusable("memory.next cannot be used: \(reason)")
        }
    }

    /// Forgets the kept update.
    package func forgetUpdate() { PendingUpdate.remove(from: folder) }

    /// Removes everything: the run is over for good.
    package func remove() { try? FileManager.default.removeItem(at: folder) }

    private var memoryFile: URL { folder.appendingPathComponent("memory") }
    private var nextFile: URL { folder.appendingPathComponent("memory.next") }

    private static func loss(of file: URL, _ reason: String) -> String { "\(file.path) cannot be used: \(reason)" }

    /// The memory after the last settled update. One whose vectors are damaged keeps its generation: the next one replaces it.
    private func current(
        _ depth: MemoryFile.Depth = .vectors
    ) -> (memory: WorkerMemory, generation: Int, round: RoundID?, loss: String?) {
        switch MemoryFile.read(memoryFile, of: run, depth) {
        case .absent: (WorkerMemory(), 0, nil, nil)
        case .found(let file): (file.memory, file.generation, file.round, nil)
        case .unusable(let reason, let generation):
            (WorkerMemory(), generation, nil, Self.loss(of: memoryFile, reason))
        }
    }
}
