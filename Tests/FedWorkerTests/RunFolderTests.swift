// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import FedWorker
import Foundation
import Synchronization
import Testing

/// A worker that is killed after any step of the file protocol, and a coordinator that remembers what it has accepted.
@Suite struct RunFolderTests {
    /// What outlives the worker: its files, and the coordinator.
    private struct World {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fedworker-\(UUID())")
        let rounds: Int
        var uplink = halves
        /// Whose updates come too late.
        let late: Set<Int>
        var open = 1
        var accepted: [Int: [UInt8]] = [:]
        var trainings = 0
    }

    private static let layout =
        (try? ModelLayout([
            ParameterSpec(name: "w", shape: [9, 7], role: .weight),
            ParameterSpec(name: "m", shape: [5], role: .cleanStatistics),
        ]))

    /// Sends all, to 16 bits.
    static let halves = CodecSpec(CodecID("dense-float16"), errorFeedback: true)

    static func run(seed: UInt64 = 3, own: Int? = nil, uplink: CodecSpec = halves) throws -> RunDescription {
        RunDescription(
            run: try RunID("r-1"), model: ModelSpec(architecture: "mlp"), layout: try #require(layout),
            own: try own.map { try ModelLayout([ParameterSpec(name: "s", shape: [$0], role: .normScale)]) },
            dataset: "digits",
            partition: .iid, uplink: uplink,
            seed: seed, rounds: 9)
    }

    /// Multiples of 2⁻¹⁵ in [-2, 2], so that sums are exact and 16 bits leave something out.
    static func change(_ round: Int, _ layout: ModelLayout) throws -> ParameterVector {
        var generator = SeededGenerator(key: UInt64(round))
        return try ParameterVector(
            layout: layout,
            values: (0..<layout.count).map { _ in Float(Int(generator.next() % 131_073) - 65536) / 32768 })
    }

    /// The values with zeros for running statistics, which are not taken back.
    static func steps<Number: BinaryFloatingPoint>(of values: [Number], _ layout: ModelLayout) -> [Number] {
        var values = values
        for (parameter, segment) in zip(layout.parameters, layout.segments) where parameter.role.isStatistics {
            for index in segment { values[index] = 0 }
        }
        return values
    }

    static let rule = OptimizerSpec(learningRate: 1, momentum: 0.5, state: .kept)

    private static let killed = WorkerError(.state, "killed")

    /// Works until the end or until the `limit`th step; returns the number of steps made.
    private static func work(_ world: inout World, killedAfter limit: Int) throws -> Int {
        let steps = Mutex(0)
        @Sendable func step() throws(WorkerError) {
            let count = steps.withLock { count in
                count += 1
                return count
            }
            if count == limit { throw killed }
        }
        let run = try run(uplink: world.uplink)
        let worker = try WorkerID("w")
        let codec = try CodecRegistry.codec(run.uplink)
        let rules = WorkerMemory.Rules(uplink: run.uplink, optimizer: rule)
        let folder = RunFolder(in: world.folder, of: run, afterStep: step)
        do {
            var pending = folder.recover(worker: worker)
            while true {
                if let kept = pending {
                    let round = kept.update.round.rawValue
                    if round == world.open {
                        if !world.late.contains(round) { world.accepted[round] = kept.update.payload }
                        world.open += 1
                    }
                    try step()  // killed before the receipt comes
                    #expect(try folder.settle(kept, world.accepted[round] != nil ? .used : .unused) == nil)
                    pending = nil
                }
                guard world.open <= world.rounds else { return steps.withLock { $0 } }
                let round = RoundID(world.open)
                world.trainings += 1
                let beginning = folder.beginning(of: round)
                #expect(beginning.loss == nil)
                var memory = beginning.memory
                var state =
                    memory.optimizer
                    ?? OptimizerState(
                        rule: .sgd, steps: 0,
                        vectors: [.init(.momentum, [Float](repeating: 0, count: run.layout.count))])
                state.steps += 1
                for index in state.vectors[0].values.indices { state.vectors[0].values[index] += Float(round.rawValue) }
                let payload = try memory.encode(
                    change(round.rawValue, run.layout), optimizer: state, rules: rules, codec: codec,
                    generator: SeededGenerator(key: UInt64(round.rawValue)))
                try folder.propose(memory, generation: beginning.generation + 1, round: round)
                let kept = PendingUpdate(
                    ClientUpdate(
                        worker: worker, run: run.run, round: round, baseVersion: ModelVersion(round.rawValue - 1),
                        codec: run.uplink.codec, payload: payload, exampleCount: 1,
                        metrics: TrainingMetrics(loss: 0, accuracy: 0, seconds: 0)),
                    generation: beginning.generation + 1)
                try folder.keep(kept)
                pending = kept
            }
        } catch let error as WorkerError where error.message == killed.message {
            return steps.withLock { $0 }
        }
    }

    /// The memory at the end, once residual and sent updates were seen to add up to all changes.
    ///
    /// To the bit, or within `tolerance` where what is sent is a mean.
    private static func checked(_ world: World, tolerance: Double = 0) throws -> WorkerMemory {
        let run = try run(uplink: world.uplink)
        let codec = try CodecRegistry.codec(run.uplink)
        #expect(world.accepted.count == world.rounds - world.late.count)
        let folder = RunFolder(in: world.folder, of: run)
        let end = folder.beginning(of: RoundID(world.rounds + 1))
        #expect(end.loss == nil && end.generation == world.rounds)
        var sum = end.memory.residual.map { Double($0) }
        for payload in world.accepted.values {
            for (index, value) in try codec.decode(payload, layout: run.layout).values.enumerated() {
                sum[index] += Double(value)
            }
        }
        for round in 1...world.rounds {
            for (index, value) in try change(round, run.layout).values.enumerated() { sum[index] -= Double(value) }
        }
        #expect(steps(of: sum, run.layout).allSatisfy { abs($0) <= tolerance })
        #expect(end.memory.residual.contains { $0 != 0 })
        #expect(end.memory.optimizer?.steps == world.rounds)
        let files = try FileManager.default.contentsOfDirectory(atPath: world.folder.path + "/runs/r-1")
        #expect(files == ["memory"])
        return end.memory
    }

    @Test func aKillAfterAnyStepChangesNothing() throws {
        var undisturbed = World(rounds: 4, late: [2, 3])
        defer { try? FileManager.default.removeItem(at: undisturbed.folder) }
        let steps = try Self.work(&undisturbed, killedAfter: .max)
        let expected = try Self.checked(undisturbed)
        #expect(undisturbed.trainings == 4)
        // Two before the offer, one after it, three for the receipt.
        #expect(steps == 4 * 6)
        for first in 1...steps {
            // Killed once, and once more soon after the start that follows.
            for second in [.max, 3] {
                var world = World(rounds: 4, late: [2, 3])
                defer { try? FileManager.default.removeItem(at: world.folder) }
                #expect(try Self.work(&world, killedAfter: first) == first)
                if second < .max { _ = try Self.work(&world, killedAfter: second) }
                _ = try Self.work(&world, killedAfter: .max)
                #expect(world.accepted == undisturbed.accepted, "killed after step \(first)")
                #expect(try Self.checked(world) == expected, "killed after step \(first)")
            }
        }
    }

    /// Codecs that leave most entries out keep those, and take back what was refused, undisturbed and killed in
    /// between.
    @Test(arguments: ["sbc", "stc", "top-k", "random-k"]) func sparseUpdatesAreTakenBack(_ codec: String) throws {
        var expected: WorkerMemory?
        // Killed when the second update, which comes too late, is on disk, and after each step of its receipt.
        for limit in [.max, 8, 9, 10, 11, 12] {
            var world = World(
                rounds: 6, uplink: CodecSpec(CodecID(codec), density: 0.1, errorFeedback: true), late: [2, 3, 5])
            defer { try? FileManager.default.removeItem(at: world.folder) }
            if limit < .max { #expect(try Self.work(&world, killedAfter: limit) == limit) }
            _ = try Self.work(&world, killedAfter: .max)
            // Values are at most 2, sums of them at most 12, and each round rounds a few times.
            let end = try Self.checked(world, tolerance: 1e-4)
            #expect(end == expected ?? end, "killed after step \(limit)")
            expected = end
        }
    }

    /// A memory of one round, and where it lies.
    func written(_ memory: WorkerMemory) throws -> (folder: RunFolder, file: URL, state: URL) {
        let state = FileManager.default.temporaryDirectory.appendingPathComponent("fedworker-\(UUID())")
        let run = try Self.run()
        let folder = RunFolder(in: state, of: run)
        let update = ClientUpdate(
            worker: try WorkerID("w"), run: run.run, round: RoundID(4), baseVersion: ModelVersion(3),
            codec: run.uplink.codec, payload: [], exampleCount: 1,
            metrics: TrainingMetrics(loss: 0, accuracy: 0, seconds: 0))
        try folder.propose(memory, generation: 7, round: RoundID(4))
        _ = try folder.settle(PendingUpdate(update, generation: 7), .used)
        return (folder, state.appendingPathComponent("runs/r-1/memory"), state)
    }

    func memory() throws -> WorkerMemory {
        let count = try #require(Self.layout).count
        return WorkerMemory(
            residual: (0..<count).map { Float($0) / 3 },
            optimizer: OptimizerState(
                rule: .adamw, steps: 12,
                vectors: [
                    .init(.momentum, (0..<count).map { -Float($0) }), .init(.square, (0..<count).map { Float($0) * 7 }),
                ]))
    }

    @Test func aMemoryIsReadAsItWasWritten() throws {
        let whole = try memory()
        for memory in [
            whole, WorkerMemory(), WorkerMemory(residual: whole.residual), WorkerMemory(optimizer: whole.optimizer),
        ] {
            let (folder, file, state) = try written(memory)
            defer { try? FileManager.default.removeItem(at: state) }
            let beginning = folder.beginning(of: RoundID(5))
            #expect(beginning.memory == memory && beginning.generation == 7 && beginning.loss == nil)
            // What a kill left of a file that was being written is in nobody's way.
            try Data(repeating: 9, count: 100_000).write(to: file.appendingPathExtension("partial"))
            try folder.propose(memory, generation: 8, round: RoundID(5))
            #expect(folder.beginning(of: RoundID(5), isUnsettled: true).generation == 8)
            #expect(folder.beginning(of: RoundID(5)).generation == 7)
        }
    }

    @Test func aMemoryOfAnotherLifeOfTheRunIsNotUsed() throws {
        let (folder, _, state) = try written(memory())
        defer { try? FileManager.default.removeItem(at: state) }
        let back = folder.beginning(of: RoundID(4))
        #expect(back.memory == WorkerMemory() && back.generation == 7)
        #expect(back.loss?.contains("gone back to round 4") == true)
        let other = RunFolder(in: state, of: try Self.run(seed: 4)).beginning(of: RoundID(5))
        #expect(other.memory == WorkerMemory())
        #expect(other.loss?.contains("another run") == true)
    }

    /// What stays with the worker is kept beside all else, through refusals and when the coordinator goes back, but not for a model
    /// that has another number of such parameters.
    @Test func whatIsTheWorkersOwnIsKept() throws {
        let state = FileManager.default.temporaryDirectory.appendingPathComponent("fedworker-\(UUID())")
        defer { try? FileManager.default.removeItem(at: state) }
        let run = try Self.run(own: 3)
        let codec = try CodecRegistry.codec(run.uplink)
        let folder = RunFolder(in: state, of: run)
        var memory = try memory()
        for (round, fate) in zip(1..., [UpdateFate.used, .unused, .used]) {
            memory.own = [Float(round), 0.1, -2]
            let kept = PendingUpdate(
                ClientUpdate(
                    worker: try WorkerID("w"), run: run.run, round: RoundID(round),
                    baseVersion: ModelVersion(round - 1),
                    codec: run.uplink.codec,
                    payload: try codec.encode(Self.change(1, run.layout), generator: SeededGenerator(key: 1)),
                    exampleCount: 1, metrics: TrainingMetrics(loss: 0, accuracy: 0, seconds: 0)), generation: round)
            try folder.propose(memory, generation: round, round: RoundID(round))
            try folder.keep(kept)
            #expect(folder.beginning(of: RoundID(round + 1), isUnsettled: true).memory.own == memory.own)
            #expect(try folder.settle(kept, fate) == nil)
            let beginning = folder.beginning(of: RoundID(round + 1))
            #expect(beginning.memory.own == memory.own && beginning.memory.optimizer == memory.optimizer)
            #expect((beginning.memory == memory) == (fate == .used), "a residual takes back what was refused")
        }
        let back = folder.beginning(of: RoundID(2))
        #expect(back.memory == WorkerMemory(own: [3, 0.1, -2]) && back.loss != nil)
        for other in [4, nil] {
            let beginning = RunFolder(in: state, of: try Self.run(own: other)).beginning(of: RoundID(4))
            #expect(beginning.memory == WorkerMemory() && beginning.loss != nil)
        }
    }

    @Test func anUpdateWithoutMemoryIsOfferedAgainAndForgotten() throws {
        let state = FileManager.default.temporaryDirectory.appendingPathComponent("fedworker-\(UUID())")
        defer { try? FileManager.default.removeItem(at: state) }
        let run = try Self.run()
        let worker = try WorkerID("w")
        let folder = RunFolder(in: state, of: run)
        #expect(folder.recover(worker: worker) == nil)
        let kept = PendingUpdate(
            ClientUpdate(
                worker: worker, run: run.run, round: RoundID(1), baseVersion: ModelVersion(0), codec: run.uplink.codec,
                payload: [1, 2], exampleCount: 1, metrics: TrainingMetrics(loss: 0, accuracy: 0, seconds: 0)))
        try folder.keep(kept)
        #expect(folder.recover(worker: worker)?.update == kept.update)
        folder.forgetUpdate()
        #expect(folder.recover(worker: worker) == nil)
        folder.remove()
        #expect(try FileManager.default.contentsOfDirectory(atPath: state.path + "/runs").isEmpty)
    }

    @Test func valuesThatAreRefusedAreNotSentAgain() throws {
        let state = FileManager.default.temporaryDirectory.appendingPathComponent("fedworker-\(UUID())")
        defer { try? FileManager.default.removeItem(at: state) }
        let run = try Self.run()
        let codec = try CodecRegistry.codec(run.uplink)
        let folder = RunFolder(in: state, of: run)
        try folder.propose(memory(), generation: 1, round: RoundID(1))
        let kept = PendingUpdate(
            ClientUpdate(
                worker: try WorkerID("w"), run: run.run, round: RoundID(1), baseVersion: ModelVersion(0),
                codec: run.uplink.codec,
                payload: try codec.encode(Self.change(1, run.layout), generator: SeededGenerator(key: 1)),
                exampleCount: 1,
                metrics: TrainingMetrics(loss: 0, accuracy: 0, seconds: 0)), generation: 1)
        try folder.keep(kept)
        #expect(try folder.settle(kept, .unusable)?.contains("refused for its values") == true)
        let end = folder.beginning(of: RoundID(1))
        #expect(end.memory == WorkerMemory() && end.generation == 1 && end.loss == nil)
        #expect(folder.recover(worker: try WorkerID("w")) == nil)
    }
}
