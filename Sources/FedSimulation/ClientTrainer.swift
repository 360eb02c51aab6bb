// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCoordinator
internal import FedCore
internal import FedStore
internal import FedTraining

/// Does the work of one worker after the other, with the same networks, on one thread.
final class ClientTrainer {
    private let networks: TrainingNetworks
    private let clients: SimulatedClients
    private let memories: ClientMemories
    private let stop: StopFlag
    /// What travels of the model.
    private let parts: ModelParts
    private let initialOwn: [Float]
    /// The last change, kept so that no client allocates one; empty while the round holds it.
    private var change: [Float]
    private let pool: ChangePool

    /// A trainer of parts of `model` up to `scope` for batches of at most `maximumBatch` examples.
    ///
    /// Throws `TrainingError` where the network cannot be built.
    init(
        model: ModelSpec, scope: UpdateScope, of central: CentralModel, input: InputShape, classes: Int,
        maximumBatch: Int, clients: SimulatedClients, memories: ClientMemories, pool: ChangePool,
        stop: StopFlag
    ) throws(TrainingError) {
        networks = TrainingNetworks(model, input: input, classes: classes, maximumBatch: maximumBatch)
        try networks.prepare(for: scope)
        change = []
        parts = central.parts
        initialOwn = central.initialOwn
        self.clients = clients
        self.memories = memories
        self.pool = pool
        self.stop = stop
    }

    /// Carries out assignments of the round until none is left; `finished` is called after each.
    func work(on round: SimulatedRound, finished: () -> Void = {}) {
        while let index = round.take() {
            do {
                try carryOut(round.plan.assignments[index], index, of: round)
            } catch let error as TrainingError where error == TrainingError(.stopped, "") {
                round.fail(CancellationError())
            } catch let error as TrainingError where error == TrainingError(.diverged, "") {
                round.decline(index, error.message)
            } catch let error as CodecError {
                round.decline(index, error.message)
            } catch {
                round.fail(error)
            }
            finished()
        }
    }

    private func carryOut(_ assignment: WorkerAssignment, _ index: Int, of round: SimulatedRound) throws {
        if let scales = round.scales {
            guard let trained = round.takeTrained(index), let codec = round.uplink as? TernaryCodec else { return }
            defer { pool.giveBack(trained.change.values) }
            return try encode(
                trained, assignment, index, of: round, codec: SharedTernaryCodec(codec, scales: scales))
        }
        let generator = SeededGenerator(key: assignment.seed)
        let rules = rules(of: assignment, in: round)
        let memory = rules.isNeeded ? memories.memory(of: assignment.worker) : WorkerMemory()
        if change.count != round.base.values.count {
            change = pool.take(count: round.base.values.count)
        }
        var own = memory.own.isEmpty ? initialOwn : memory.own
        let outcome = try LocalTraining.train(
            assignment.scope, of: parts, networks: networks, base: round.base.values, own: &own, change: &change,
            data: clients.examples(of: assignment.worker),
            spec: assignment.training, rateScale: round.rateScale, optimizerState: memory.optimizer,
            generator: generator.stream("training"), shouldStop: { stop.isSet })
        let sabotage = clients.sabotage(of: assignment.worker)
        change.withUnsafeMutableBufferPointer { sabotage?.distort($0, generator: generator) }
        let layout = round.base.layout
        let uplink = assignment.scope.codec(round.uplink, parts: round.parts)
        let update = AcceptedUpdate(
            worker: assignment.worker, exampleCount: outcome.exampleCount,
            payloadBytes: uplink.maximumEncodedCount(layout: layout), metrics: outcome.metrics,
            bases: assignment.scope.bases, width: assignment.scope.width)
        // Dense float32 gives back the bits that it was given; their bytes are certain unless they are compressed.
        let isPlain = uplink.minimumEncodedCount(layout: layout) == update.payloadBytes
        if uplink is DenseFloat32Codec, isPlain, !rules.isNeeded, sabotage?.kind != .nan {
            round.add(change, of: index, update: update)
            return
        }
        let trained = SimulatedRound.Trained(
            change: try ParameterVector(layout: layout, values: change),
            optimizerState: outcome.optimizerState, own: own, update: update)
        if round.sharesScales {
            change = []
            return round.keep(trained, of: index)
        }
        try encode(trained, assignment, index, of: round, codec: uplink)
    }

    private func encode(
        _ trained: SimulatedRound.Trained, _ assignment: WorkerAssignment, _ index: Int, of round: SimulatedRound,
        codec: any GradientCodec
    ) throws {
        let rules = rules(of: assignment, in: round)
        var memory = rules.isNeeded ? memories.memory(of: assignment.worker) : WorkerMemory()
        var update = trained.update
        let payload = try memory.encode(
            trained.change, optimizer: trained.optimizerState, own: trained.own, rules: rules, codec: codec,
            generator: SeededGenerator(key: assignment.seed).stream("codec"))
        update.payloadBytes = payload.count
        var sent = payload
        clients.sabotage(of: assignment.worker)?.distort(payload: &sent)
        let fate = round.add(payload: sent, of: index, update: update, codec: codec)
        guard rules.isNeeded else { return }
        switch fate {
        case .used: break
        case .unused: try memory.takeBack(payload, codec: codec, layout: round.base.layout)
        case .unusable: memory = WorkerMemory()
        }
        memories.keep(memory, of: assignment.worker)
    }

    private func rules(of assignment: WorkerAssignment, in round: SimulatedRound) -> WorkerMemory.Rules {
        WorkerMemory.Rules(
            uplink: round.uplinkSpec, optimizer: assignment.training.optimizer, keepsOwn: !parts.isWhole)
    }
}
