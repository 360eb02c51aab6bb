// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Testing

/// What codecs leave out is not lost.
@Suite struct ErrorFeedbackTests {
    /// Round after round, the residual and what was sent add up to the residual before and the change, but for the rounding
    /// of one addition and one subtraction.
    @Test(arguments: CodecRegistry.all.map(\.id)) func nothingIsLost(_ id: CodecID) throws {
        let codec = try CodecRegistry.codec(id)
        let layout = try Samples.mixed([300, 7, 13, 1, 11, 4, 2600, 5])
        var residual: [Float] = []
        for round: UInt64 in 1...20 {
            let change = try Samples.change(layout, seed: round)
            let before = residual.isEmpty ? [Float](repeating: 0, count: layout.count) : residual
            let payload = try ErrorFeedback.encode(
                change, residual: &residual, codec: codec, generator: SeededGenerator(key: round))
            let sent = try codec.decode(payload, layout: layout).values
            for index in 0..<layout.count {
                let wanted = Double(before[index]) + Double(change.values[index])
                let error = abs(Double(residual[index]) + Double(sent[index]) - wanted)
                let largest = max(Float(abs(wanted)), abs(residual[index]), abs(sent[index]))
                #expect(error <= Double(largest.ulp), "\(id), round \(round), entry \(index)")
            }
        }
    }

    /// The payload is that of the change and the residual together.
    @Test(arguments: CodecRegistry.all.map(\.id)) func whatIsLeftOutTravelsWithTheNextChange(_ id: CodecID) throws {
        let codec = try CodecRegistry.codec(id)
        let layout = try Samples.smallNetwork()
        let generator = SeededGenerator(key: 4)
        var residual: [Float] = []
        let change = try Samples.change(layout)
        #expect(
            try ErrorFeedback.encode(change, residual: &residual, codec: codec, generator: generator)
                == codec.encode(change, generator: generator))
        var both = try Samples.change(layout, seed: 2)
        let second = both
        both.add(residual)
        #expect(
            try ErrorFeedback.encode(second, residual: &residual, codec: codec, generator: generator)
                == codec.encode(both, generator: generator))
    }

    @Test(arguments: CodecRegistry.all.map(\.id)) func exactEntriesLeaveNothing(_ id: CodecID) throws {
        let codec = try CodecRegistry.codec(id)
        let layout = try Samples.mixed([300, 7, 13, 1, 11, 4, 2600, 5])
        var residual: [Float] = []
        for round: UInt64 in 1...3 {
            _ = try ErrorFeedback.encode(
                Samples.change(layout, seed: round), residual: &residual, codec: codec,
                generator: SeededGenerator(key: round))
        }
        for (parameter, segment) in zip(layout.parameters, layout.segments) where parameter.role.isStatistics {
            // A dense codec of fewer bits rounds statistics like all else.
            if id.rawValue.hasPrefix("dense-"), id.rawValue != "dense-float32" { continue }
            #expect(residual[segment].allSatisfy { $0 == 0 })
        }
        if id.rawValue == "dense-float32" { #expect(residual.allSatisfy { $0 == 0 }) }
        if id.rawValue == "ternary" { #expect(residual.contains { $0 != 0 }) }
    }

    @Test func aChangeThatCannotBeEncodedLeavesTheResidual() throws {
        let codec = try CodecRegistry.codec(CodecID("ternary"))
        let layout = try Samples.smallNetwork()
        var residual: [Float] = []
        _ = try ErrorFeedback.encode(
            Samples.change(layout), residual: &residual, codec: codec, generator: SeededGenerator(key: 1))
        let before = residual
        var broken = try Samples.change(layout, seed: 2).values
        broken[100] = .nan
        #expect(throws: CodecError(.nonFiniteValue, "")) {
            try ErrorFeedback.encode(
                ParameterVector(layout: layout, values: broken), residual: &residual, codec: codec,
                generator: SeededGenerator(key: 2))
        }
        #expect(residual == before)
    }

    /// With updates refused now and then, also twice in a row, the residual and what was used add up to all changes,
    /// but for the rounding of two additions a round and of one more where something is taken back. Running statistics are no
    /// steps: those that were refused are gone.
    @Test(arguments: CodecRegistry.all.map(\.id)) func whatIsRefusedIsNotLost(_ id: CodecID) throws {
        let codec = try CodecRegistry.codec(id)
        let layout = try Samples.mixed([300, 7, 13, 1, 11, 4, 2600, 5])
        let rules = WorkerMemory.Rules(
            uplink: CodecSpec(id, errorFeedback: true), optimizer: OptimizerSpec(learningRate: 1))
        var memory = WorkerMemory()
        let zeros = [Double](repeating: 0, count: layout.count)
        let isStatistics = zip(layout.parameters, layout.segments).flatMap { parameter, segment in
            segment.map { _ in parameter.role.isStatistics }
        }
        #expect(isStatistics.contains(true) && isStatistics.contains(false))
        var (all, used, refused, rounding) = (zeros, zeros, zeros, zeros)
        for round: UInt64 in 1...20 {
            let change = try Samples.change(layout, seed: round)
            let payload = try memory.encode(
                change, optimizer: nil, rules: rules, codec: codec, generator: SeededGenerator(key: round))
            let sent = try codec.decode(payload, layout: layout).values
            let isRefused = [3, 7, 8, 20].contains(round)
            // The sum of change and residual, which is rounded first, is hardly longer than these two together.
            for (index, value) in sent.enumerated() {
                rounding[index] += 2 * Double((abs(memory.residual[index]) + abs(value)).ulp)
            }
            if isRefused { try memory.takeBack(payload, codec: codec, layout: layout) }
            for (index, value) in sent.enumerated() {
                all[index] += Double(change.values[index])
                if isRefused {
                    rounding[index] += Double(memory.residual[index].ulp)
                    refused[index] += Double(value)
                    if isStatistics[index] { all[index] -= Double(value) }
                } else {
                    used[index] += Double(value)
                }
            }
        }
        for index in all.indices {
            #expect(
                abs(used[index] + Double(memory.residual[index]) - all[index]) <= rounding[index],
                "\(id), entry \(index)")
        }
        // What was refused cannot hide in that.
        #expect(zip(refused, rounding).contains { abs($0) > 1000 * $1 })
    }

    /// With values that Float holds exactly, taking back undoes sending to the bit.
    @Test func takingBackUndoesSending() throws {
        let codec = try CodecRegistry.codec(CodecID("dense-float16"))
        let layout = try Samples.flat(700)
        let change = try ParameterVector(
            layout: layout, values: Samples.gaussian(700, seed: 3).map { ($0 * 32768).rounded() / 32768 })
        var memory = WorkerMemory(residual: (0..<700).map { Float($0 % 9) / 16 })
        let before = memory.residual
        let rules = WorkerMemory.Rules(
            uplink: CodecSpec(CodecID("dense-float16"), errorFeedback: true), optimizer: OptimizerSpec(learningRate: 1))
        #expect(rules.isNeeded && rules.keepsResidual && !rules.keepsOptimizer && !rules.masksMomentum)
        let payload = try memory.encode(
            change, optimizer: nil, rules: rules, codec: codec, generator: SeededGenerator(key: 1))
        #expect(memory.residual.contains { $0 != 0 } && memory.residual != before)
        try memory.takeBack(payload, codec: codec, layout: layout)
        #expect(memory.residual == zip(before, change.values).map { $0 + $1 })
    }

    @Test(arguments: [true, false]) func momentumStartsAnewWhereSomethingWasSent(_ keepsResidual: Bool) throws {
        let codec = try CodecRegistry.codec(CodecID("ternary"))
        let layout = try Samples.mixed([300, 7, 13, 5, 11, 4, 2600, 5])
        let optimizer = OptimizerSpec(name: .adamw, learningRate: 1, state: .kept)
        let state = OptimizerState(
            rule: .adamw, steps: 3,
            vectors: [
                .init(.momentum, [Float](repeating: 2, count: layout.count)),
                .init(.square, [Float](repeating: 3, count: layout.count)),
            ])
        var spec = CodecSpec(CodecID("ternary"), errorFeedback: keepsResidual, momentumMasking: true)
        let rules = WorkerMemory.Rules(uplink: spec, optimizer: optimizer)
        #expect(rules.masksMomentum && rules.keepsOptimizer && rules.keepsResidual == keepsResidual)
        var memory = WorkerMemory()
        let payload = try memory.encode(
            Samples.change(layout), optimizer: state, rules: rules, codec: codec, generator: SeededGenerator(key: 1))
        let sent = try codec.decode(payload, layout: layout).values
        let after = try #require(memory.optimizer)
        #expect(after.steps == 3 && after.vectors[1] == state.vectors[1])
        for (parameter, segment) in zip(layout.parameters, layout.segments) {
            for index in segment {
                // What travels whole leaves nothing stale behind.
                let isMasked = sent[index] != 0 && !parameter.role.isStatistics
                #expect(after.vectors[0].values[index] == (isMasked ? 0 : 2))
            }
        }
        #expect(after.vectors[0].values.contains(0) && after.vectors[0].values.contains(2))

        spec.momentumMasking = nil
        var unmasked = WorkerMemory()
        _ = try unmasked.encode(
            Samples.change(layout), optimizer: state, rules: .init(uplink: spec, optimizer: optimizer), codec: codec,
            generator: SeededGenerator(key: 1))
        #expect(unmasked.optimizer == state)
    }

    @Test func sparseCodecsKeepWhatTheyLeaveOut() {
        let kept = OptimizerSpec(learningRate: 1, momentum: 0.9, state: .kept)
        let fresh = OptimizerSpec(learningRate: 1, momentum: 0.9)
        for name in ["sbc", "stc", "top-k", "random-k", "ternary", "uniform", "dense-float32", "dense-float16"] {
            let spec = CodecSpec(CodecID(name))
            #expect(spec.keepsResidual == ["sbc", "stc", "top-k", "random-k"].contains(name))
            #expect(spec.masksMomentum(of: kept) == (name == "sbc"))
            #expect(!spec.masksMomentum(of: fresh))
        }
        #expect(!CodecSpec(CodecID("sbc"), errorFeedback: false).keepsResidual)
        #expect(!CodecSpec(CodecID("sbc"), momentumMasking: false).masksMomentum(of: kept))
        let squares = OptimizerSpec(name: .adagrad, learningRate: 1, state: .kept)
        #expect(!CodecSpec(CodecID("sbc"), momentumMasking: true).masksMomentum(of: squares))
    }
}
