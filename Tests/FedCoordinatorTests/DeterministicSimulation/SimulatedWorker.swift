// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import FedWire
import FedWorker

/// A worker as `FedWorker.Worker` is one: it trains what it is assigned, keeps its update until that is settled, and offers it
/// again over every new connection.
final class SimulatedWorker {
    /// What becomes of a training.
    enum Training {
        case isUsual, isLong, makesNonsense, fails
    }

    let name: WorkerID
    var nextTraining = Training.isUsual
    private unowned let world: SimulatedWorld
    /// On the disk: it survives a crash.
    private var pending: (update: ClientUpdate, sha256: [UInt8])?
    /// Distinguishes what is trained again after a loss of files.
    private var losses = 0
    /// Tells what an earlier process was about from what this one is.
    private var life = 0
    private var isDown = false
    private var link: SimulatedLink?
    private var backOff: BackOff
    private var training: (assignment: WorkerAssignment, number: Int, endsAt: Double, startedAt: Double)?
    private var trainings = 0
    /// A training is done and waits until `pending` is settled.
    private var isWaiting = false
    private var newest: RoundID?
    private var held: PartialTransfer?

    init(_ name: WorkerID, in world: SimulatedWorld) {
        self.name = name
        self.world = world
        backOff = BackOff(generator: world.makeGenerator())
    }

    // MARK: Its connection

    func start() {
        isDown = false
        connect()
    }

    private func connect() {
        guard !isDown, link == nil else { return }
        guard let link = world.network.connect(name) else { return retry() }
        self.link = link
        world.network.sendToCoordinator(.hello, on: link)
    }

    private func retry() {
        later(backOff.nextDelay()) { [unowned self] in connect() }
    }

    func connectionLost(_ link: SimulatedLink) {
        guard self.link === link else { return }
        world.note { "\(name) notices that connection \(link.number) is gone" }
        self.link = nil
        newest = nil
        retry()
    }

    /// The process is killed; what is on its disk stays, unless the disk goes, too.
    func crash(restartAfter seconds: Double, losesFiles: Bool) {
        guard !isDown else { return }
        world.note { "\(name) is killed" + (losesFiles ? " and loses its files" : "") }
        life += 1
        isDown = true
        if let link { world.network.closeFromWorker(link) }
        (link, training, newest, held, isWaiting) = (nil, nil, nil, nil, false)
        if losesFiles {
            pending = nil
            losses += 1
        }
        backOff.reset()
        world.after(seconds) { [unowned self] in start() }
    }

    private func later(_ seconds: Double, _ action: @escaping () -> Void) {
        let life = life
        world.after(seconds) { [unowned self] in if self.life == life { action() } }
    }

    private func send(_ message: SimulatedMessage) {
        if let link { world.network.sendToCoordinator(message, on: link) }
    }

    // MARK: What it is told

    func receive(_ message: SimulatedMessage, on link: SimulatedLink) {
        guard self.link === link else { return }
        switch message {
        case .welcome(let held):
            backOff.reset()
            self.held = held
            if training != nil { beat(on: link) }
            if pending != nil { submit() }
        case .assignment(let assignment): if wants(assignment) { download(assignment) }
        case .receipt(let receipt): take(receipt)
        case .cancel(let round): cancel(round)
        case .ended: break
        case .hello, .heartbeat, .offer, .bytes, .decline: preconditionFailure("a coordinator does not say this")
        }
    }

    private func wants(_ assignment: WorkerAssignment) -> Bool {
        newest = nil
        if training?.assignment.round == assignment.round { return false }
        if let pending {
            if pending.update.round == assignment.round { return false }
            if !world.scenario.hasMemory { settle() }
        }
        newest = assignment.round
        return true
    }

    private func download(_ assignment: WorkerAssignment) {
        later(world.uniform(0.01, world.isHealed ? 0.2 : 2)) { [unowned self] in
            guard newest == assignment.round else { return }
            newest = nil
            train(assignment)
        }
    }

    private func cancel(_ round: RoundID) {
        if newest == round { newest = nil }
        if training?.assignment.round == round { (training, isWaiting) = (nil, false) }
    }

    private func take(_ receipt: Receipt) {
        guard let kept = pending, kept.update.round == receipt.round else { return }
        if case .refused(.unavailable, _) = receipt.verdict {
            return later(2) { [unowned self] in
                if pending?.update.round == receipt.round { submit() }
            }
        }
        if case .refused = receipt.verdict { world.laws.drops(kept.update) }
        settle()
    }

    private func settle() {
        pending = nil
        if isWaiting { finish() }
    }

    // MARK: Training

    private func train(_ assignment: WorkerAssignment) {
        trainings += 1
        let kind = nextTraining
        if !world.isHealed { nextTraining = world.chance(world.scenario.shareOfLong) ? .isLong : .isUsual }
        let longest = kind == .isLong ? world.scenario.longestTraining : world.isHealed ? 2.5 : 4
        let seconds = world.uniform(0.2, longest)
        training = (assignment, trainings, world.now + seconds, world.now)
        isWaiting = false
        let number = trainings
        if let link { beat(on: link) }
        later(seconds) { [unowned self] in
            guard training?.number == number else { return }
            if kind == .fails {
                training = nil
                send(.decline(assignment.round))
            } else if world.scenario.hasMemory, pending != nil {
                isWaiting = true
            } else {
                finish(makesNonsense: kind == .makesNonsense)
            }
        }
    }

    /// Says every two seconds how far the training is.
    private func beat(on link: SimulatedLink) {
        let number = trainings
        later(2) { [unowned self] in
            guard self.link === link, let training, training.number == number else { return }
            let share = (world.now - training.startedAt) / (training.endsAt - training.startedAt)
            send(.heartbeat(share: min(1, share)))
            beat(on: link)
        }
    }

    private func finish(makesNonsense: Bool = false) {
        guard let assignment = training?.assignment else { return }
        (training, isWaiting) = (nil, false)
        // What is trained again after a loss of files is another update.
        var own = SeededGenerator(key: assignment.seed).stream("change", UInt64(losses))
        let values = (0..<3).map { _ in Float(own.nextIndex(below: 257) - 128) / 16 }
        let examples = 1 + own.nextIndex(below: 100)
        guard
            var payload = try? Self.codec.encode(
                ParameterVector(layout: Self.layout, values: values), generator: own)
        else { preconditionFailure("three values can be encoded") }
        // NaN, in the last value.
        if makesNonsense { payload.replaceSubrange(payload.count - 4..<payload.count, with: [0, 0, 0xC0, 0x7F]) }
        let update = ClientUpdate(
            worker: name, run: assignment.run, round: assignment.round, baseVersion: assignment.baseVersion,
            scope: assignment.scope, codec: assignment.codec, payload: payload, exampleCount: examples,
            metrics: TrainingMetrics(loss: 1, accuracy: 0.5, seconds: 1))
        world.laws.made(update, values: values)
        pending = (update, world.laws.sha256(of: payload).bytes)
        submit()
    }

    /// Offers the update that waits, and sends what the coordinator does not hold of it.
    private func submit() {
        guard let (update, sha256) = pending, link != nil else { return }
        let offset = held?.offset(in: sha256, byteCount: update.payload.count) ?? 0
        held = nil
        let upload = world.nextUpload()
        guard
            let header = try? TransferHeader(
                stream: UInt32(2 * upload + 1), byteCount: update.payload.count, sha256: sha256, offset: offset)
        else { preconditionFailure("the header is one") }
        send(
            .offer(
                UpdateOffer(
                    worker: name, run: update.run, round: update.round, baseVersion: update.baseVersion,
                    codec: update.codec, exampleCount: update.exampleCount, metrics: update.metrics, payload: header),
                upload: upload))
        sendBytes(of: update.payload, from: offset, upload: upload, on: link)
    }

    private func sendBytes(of payload: [UInt8], from start: Int, upload: Int, on link: SimulatedLink?) {
        let end = min(payload.count, start + 1 + world.index(below: 16))
        later(world.uniform(0, world.isHealed ? 0.1 : 1)) { [unowned self] in
            guard let link, self.link === link else { return }
            send(.bytes(Array(payload[start..<end]), upload: upload))
            if end < payload.count { sendBytes(of: payload, from: end, upload: upload, on: link) }
        }
    }

    static let codec = DenseFloat32Codec()

    static let layout: ModelLayout = {
        guard
            let layout = try? ModelLayout([
                ParameterSpec(name: "a", shape: [1], role: .weight),
                ParameterSpec(name: "b", shape: [2], role: .weight),
            ])
        else { preconditionFailure("the layout is one") }
        return layout
    }()
}
