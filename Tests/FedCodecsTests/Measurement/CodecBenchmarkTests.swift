// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Testing

@Suite struct CodecBenchmarkTests {
    /// A clock that goes half a second ahead whenever it is read.
    final class Ticking {
        var time = 0.0

        func read() -> Double {
            time += 0.5
            return time
        }
    }

    static func measure(
        _ specs: [CodecSpec], _ update: ParameterVector, rounds: Int = 1, now: @escaping () -> Double = Ticking().read
    ) throws -> CodecBenchmark {
        try CodecBenchmark(specs, on: update, rounds: rounds, seconds: 0.1, seed: 3, now: now)
    }

    @Test(arguments: CodecRegistry.names) func measuresEveryCodec(_ name: String) throws {
        let update = try Samples.change(Samples.smallNetwork())
        let spec = CodecSpec(CodecID(name))
        let benchmark = try Self.measure([spec], update, rounds: 2)
        let measured = try #require(benchmark.codecs.first)
        let codec = try CodecRegistry.codec(spec)
        let payload = try codec.encode(update, generator: SeededGenerator(key: 3).stream("codec"))
        #expect(benchmark.codecs.count == 1)
        #expect(measured.spec == spec)
        #expect(measured.payloadBytes == payload.count)
        #expect(measured.loss == UpdateLoss(of: update, decoded: try codec.decode(payload, layout: update.layout)))
        #expect(measured.bitsPerEntry == 8 * Double(payload.count) / Double(update.values.count))
        #expect(measured.ratio == Double(4 * update.values.count) / Double(payload.count))
        #expect(measured.encodeSeconds == 0.5)
        #expect(measured.foldSeconds == 0.5)
        #expect(benchmark.copySeconds == 0.5)
        #expect(measured.encodedEntriesPerSecond == 2 * Double(update.values.count))
        #expect(measured.foldedNonZerosPerSecond == 2 * Double(measured.loss.nonZeros))
    }

    @Test func medianOfTheRounds() throws {
        let update = try Samples.change(Samples.flat(50))
        // Three rounds of copying, encoding and folding take 1, 2 and 6 seconds each.
        var readings: [Double] = []
        var time = 0.0
        for seconds in [2.0, 1, 6] {
            for _ in 0..<3 {
                readings += [time, time + seconds]
                time += 10
            }
        }
        var next = readings.makeIterator()
        let benchmark = try Self.measure([CodecSpec(CodecID("ternary"))], update, rounds: 3) { next.next() ?? .nan }
        #expect(benchmark.copySeconds == 2)
        #expect(benchmark.codecs.map(\.encodeSeconds) == [2])
        #expect(benchmark.codecs.map(\.foldSeconds) == [2])
        #expect(next.next() == nil)
    }

    @Test func lossOfNormalNumbersIsThatOfTheFormulas() throws {
        let update = try Samples.change(Samples.flat(100_000))
        let specs = [CodecSpec(CodecID("dense-float32")), CodecSpec(CodecID("ternary"))]
        let codecs = try Self.measure(specs, update).codecs
        #expect(codecs[0].loss.relativeError == 0)
        #expect(abs(codecs[0].loss.cosine - 1) < 1e-12)
        // E‖t − v‖² = s‖v‖₁ − ‖v‖² and ‖v‖₁/s of n entries are not 0 (TernGrad); clipping at s = 2.5 adds little.
        #expect(abs(codecs[1].loss.relativeError - (2.5 * (2 / Double.pi).squareRoot() - 1).squareRoot()) < 0.01)
        #expect(abs(Double(codecs[1].loss.nonZeros) / 100_000 - (2 / Double.pi).squareRoot() / 2.5) < 0.01)
    }

    @Test func refusesWhatNoCoordinatorTakes() throws {
        let layout = try Samples.flat(3)
        for (value, code): (Float, CodecError.Code) in [(.nan, .nonFiniteValue), (2048, .valueOutOfRange)] {
            let update = try ParameterVector(layout: layout, values: [1, value, 2])
            #expect(throws: CodecError(code, "")) { try Self.measure([CodecSpec(CodecID("dense-float32"))], update) }
        }
        let update = try Samples.change(layout)
        #expect(throws: CodecError(.unknownCodec, "")) { try Self.measure([CodecSpec(CodecID("none"))], update) }
        #expect(throws: CodecError(.invalidOption, "")) {
            try Self.measure([CodecSpec(CodecID("dense-float32"), bits: 3)], update)
        }
    }
}
