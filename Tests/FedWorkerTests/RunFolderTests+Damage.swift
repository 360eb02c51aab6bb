// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import FedWorker
import Foundation
import Testing

/// Files that are not as they were written.
extension RunFolderTests {
    @Test func damageIsSeenAndSaid() throws {
        let (folder, file, state) = try written(memory())
        defer { try? FileManager.default.removeItem(at: state) }
        let bytes = try Data(contentsOf: file)
        for index in bytes.indices {
            for damaged in [bytes[..<index], bytes[..<index] + [bytes[index] ^ 4] + bytes[(index + 1)...]] {
                try damaged.write(to: file)
                let beginning = folder.beginning(of: RoundID(5))
                #expect(beginning.memory == WorkerMemory())
                #expect(beginning.loss?.contains(file.path) == true, "byte \(index)")
            }
        }
        try (bytes + [0]).write(to: file)
        #expect(folder.beginning(of: RoundID(5)).loss != nil)
        try bytes.write(to: file)
        #expect(folder.beginning(of: RoundID(5)).loss == nil)
    }

    /// A damaged memory does not say whether an update was settled: the coordinator does.
    @Test func anUpdateIsOfferedAgainWhereTheMemoryIsDamaged() throws {
        let state = FileManager.default.temporaryDirectory.appendingPathComponent("fedworker-\(UUID())")
        defer { try? FileManager.default.removeItem(at: state) }
        let run = try Self.run()
        let folder = RunFolder(in: state, of: run)
        let worker = try WorkerID("w")
        let file = state.appendingPathComponent("runs/r-1/memory")
        for round in 1...2 {
            let kept = PendingUpdate(
                ClientUpdate(
                    worker: worker, run: run.run, round: RoundID(round), baseVersion: ModelVersion(round - 1),
                    codec: run.uplink.codec, payload: [1], exampleCount: 1,
                    metrics: TrainingMetrics(loss: 0, accuracy: 0, seconds: 0)), generation: round)
            try folder.propose(memory(), generation: round, round: RoundID(round))
            try folder.keep(kept)
            if round == 1 { #expect(try folder.settle(kept, .used) == nil) }
        }
        var bytes = try Data(contentsOf: file)
        let place = try #require(bytes.range(of: Data("\"generation\":1".utf8))).upperBound - 1
        bytes[place] = UInt8(ascii: "9")
        try bytes.write(to: file)
        #expect(folder.recover(worker: worker)?.generation == 2)
    }

    /// What damage to `memory.next` leaves of the memory before it.
    @Test(arguments: ["missing", "short", "first line", "vectors", "another"], [UpdateFate.used, .unused])
    func theMemoryBeforeADamagedOneGoesOn(_ damage: String, _ fate: UpdateFate) throws {
        let state = FileManager.default.temporaryDirectory.appendingPathComponent("fedworker-\(UUID())")
        defer { try? FileManager.default.removeItem(at: state) }
        let run = try Self.run(own: 3)
        let folder = RunFolder(in: state, of: run)
        let codec = try CodecRegistry.codec(run.uplink)
        var before = try memory()
        before.own = [1, 0.1, -2]
        try folder.propose(before, generation: 1, round: RoundID(1))
        func update(_ round: Int) throws -> PendingUpdate {
            PendingUpdate(
                ClientUpdate(
                    worker: try WorkerID("w"), run: run.run, round: RoundID(round),
                    baseVersion: ModelVersion(round - 1), codec: run.uplink.codec,
                    payload: try codec.encode(Self.change(round, run.layout), generator: SeededGenerator(key: 1)),
                    exampleCount: 1, metrics: TrainingMetrics(loss: 0, accuracy: 0, seconds: 0)), generation: round)
        }
        #expect(try folder.settle(update(1), .used) == nil)
        var next = before
        next.own = [5, 6, 7]
        next.optimizer?.steps += 1
        for index in next.residual.indices { next.residual[index] = 9 }
        try folder.propose(next, generation: damage == "another" ? 3 : 2, round: RoundID(2))
        try folder.keep(update(2))
        let file = state.appendingPathComponent("runs/r-1/memory.next")
        var bytes = try Data(contentsOf: file)
        switch damage {
        case "missing": try FileManager.default.removeItem(at: file)
        case "short": try bytes.dropLast().write(to: file)
        case "first line", "vectors":
            bytes[damage == "vectors" ? bytes.count - 9 : 0] ^= 4
            try bytes.write(to: file)
        default: break
        }
        if damage != "another" {
            let unsettled = folder.beginning(of: RoundID(3), isUnsettled: true).memory
            #expect(unsettled.own == before.own && unsettled.optimizer == before.optimizer)
        }
        let loss = try #require(try folder.settle(update(2), fate))
        #expect(loss.contains("memory.next"))
        // What was used may have sent the residual.
        let expected = fate == .unused ? before : WorkerMemory(optimizer: before.optimizer, own: before.own)
        let end = folder.beginning(of: RoundID(3))
        #expect(end.memory == expected && end.generation == 2 && end.loss == nil)
        #expect((folder.beginning(of: RoundID(2)).loss == nil) == (fate == .unused))
        #expect(folder.recover(worker: try WorkerID("w")) == nil)
        try folder.propose(next, generation: 3, round: RoundID(3))
        #expect(try folder.settle(update(3), .used) == nil)
        #expect(folder.beginning(of: RoundID(4)).memory == next)
    }

    /// One update's memory is lost with damaged vectors, and no other: the next one is kept again.
    @Test(arguments: ["memory", "memory.next"], [UpdateFate.used, .unused])
    func whatFollowsOnDamageIsKept(_ damaged: String, _ fate: UpdateFate) throws {
        let state = FileManager.default.temporaryDirectory.appendingPathComponent("fedworker-\(UUID())")
        defer { try? FileManager.default.removeItem(at: state) }
        let run = try Self.run()
        let folder = RunFolder(in: state, of: run)
        let codec = try CodecRegistry.codec(run.uplink)
        let file = state.appendingPathComponent("runs/r-1/\(damaged)")
        var losses: [Int] = []
        for round in 1...6 {
            let beginning = folder.beginning(of: RoundID(round))
            if beginning.loss != nil { losses.append(round) }
            let generation = beginning.generation + 1
            #expect(generation == round)
            var memory = beginning.memory
            let payload = try memory.encode(
                Self.change(round, run.layout), optimizer: nil,
                rules: WorkerMemory.Rules(uplink: run.uplink, optimizer: Self.rule), codec: codec,
                generator: SeededGenerator(key: 1))
            try folder.propose(memory, generation: generation, round: RoundID(round))
            let kept = PendingUpdate(
                ClientUpdate(
                    worker: try WorkerID("w"), run: run.run, round: RoundID(round),
                    baseVersion: ModelVersion(round - 1),
                    codec: run.uplink.codec, payload: payload, exampleCount: 1,
                    metrics: TrainingMetrics(loss: 0, accuracy: 0, seconds: 0)), generation: generation)
            try folder.keep(kept)
            if round == 3 {
                var bytes = try Data(contentsOf: file)
                bytes[bytes.count - 9] ^= 4
                try bytes.write(to: file)
                #expect(folder.beginning(of: RoundID(4), isUnsettled: true).generation == 3)
            }
            let loss = try folder.settle(kept, round == 3 ? fate : .used)
            if loss != nil { losses.append(round) }
        }
        // A damaged `memory` is replaced before anybody reads it; `memory.next` is read before it takes its place.
        #expect(losses == (damaged == "memory" ? [] : [3]))
    }

    /// A proposal that is not that of the update: missing, or that of a later round after an update that nobody could be sure
    /// was kept.
    @Test(arguments: [true, false], ["missing", "not that of the update"])
    func aLostProposalIsSaidAndLeavesNothingTwice(used: Bool, reason: String) throws {
        let state = FileManager.default.temporaryDirectory.appendingPathComponent("fedworker-\(UUID())")
        defer { try? FileManager.default.removeItem(at: state) }
        let run = try Self.run()
        let codec = try CodecRegistry.codec(run.uplink)
        let payload = try codec.encode(Self.change(1, run.layout), generator: SeededGenerator(key: 1))
        let folder = RunFolder(in: state, of: run)
        try folder.propose(memory(), generation: 1, round: RoundID(1))
        let kept = PendingUpdate(
            ClientUpdate(
                worker: try WorkerID("w"), run: run.run, round: RoundID(1), baseVersion: ModelVersion(0),
                codec: run.uplink.codec, payload: payload, exampleCount: 1,
                metrics: TrainingMetrics(loss: 0, accuracy: 0, seconds: 0)), generation: 1)
        try folder.keep(kept)
        if reason == "missing" {
            try FileManager.default.removeItem(at: state.appendingPathComponent("runs/r-1/memory.next"))
        } else {
            try folder.propose(memory(), generation: 1, round: RoundID(2))
        }
        #expect(try folder.settle(kept, used ? .used : .unused)?.contains("memory.next is \(reason)") == true)
        let end = folder.beginning(of: RoundID(2))
        #expect(end.generation == 1 && end.loss == nil && end.memory.optimizer == nil)
        // What was refused is known from the update itself.
        let sent = Self.steps(of: try codec.decode(payload, layout: run.layout).values, run.layout)
        #expect(end.memory.residual == (used ? [] : sent))
        #expect(folder.recover(worker: try WorkerID("w")) == nil)
    }
}
