// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Testing

/// Whatever bytes arrive, however they are cut: an error of `CodecError`, or a finite update of the layout.
@Suite struct HostileBytesTests {
    /// Damaged payloads of each vector and of each specification.
    static let mutations = 3000

    /// A vector with all its bytes at hand.
    private struct Sample {
        let codec: any GradientCodec
        let layout: ModelLayout
        let payload: [UInt8]
        let refused: [[UInt8]]

        init(_ name: String) throws {
            let vector = try Vectors.read(name)
            codec = try CodecRegistry.codec(vector.spec)
            layout = vector.layout
            payload = try #require(Vectors.bytes(vector.payload))
            refused = try vector.refused.map { try #require(Vectors.bytes($0.payload)) }
        }
    }

    /// Decodes whole and cut, expects the same of both, and says whether the payload was refused.
    private func isRefused(
        _ payload: [UInt8], _ codec: any GradientCodec, _ layout: ModelLayout, _ mutator: inout Mutator
    ) -> Bool {
        let whole = Outcome.whole(payload, codec, layout)
        // Single bytes take long for long payloads.
        let sizes = payload.count < 400 ? [1, 3, 50] : [100, 1000, 10_000]
        let largest = sizes[mutator.generator.nextIndex(below: sizes.count)]
        #expect(Outcome.cut(mutator.cuts(payload, largest: largest), codec, layout) == whole)
        switch whole {
        case .values(let values):
            #expect(values.allSatisfy { Float(bitPattern: $0).isFinite })
            return false
        case .refused(let error):
            #expect(!error.message.isEmpty)
            return true
        }
    }

    @Test(arguments: try Vectors.names()) func everyPrefixOfAVectorIsTruncated(_ name: String) throws {
        let sample = try Sample(name)
        var decoder = UpdateDecoder(sample.codec, layout: sample.layout)
        for (index, byte) in sample.payload.enumerated() {
            // What came so far is no payload; `finish` does not change the decoder.
            #expect(throws: CodecError(.truncated, "")) { try decoder.finish() }
            try decoder.push([byte]) { (_) throws(CodecError) in }
            if index % 97 == 0 || index < 64 {
                #expect(throws: CodecError(.truncated, "")) {
                    try sample.codec.decode(Array(sample.payload[..<index]), layout: sample.layout)
                }
            }
        }
        try decoder.finish()
        #expect(throws: CodecError(.trailingBytes, "")) { try decoder.push([0]) { (_) throws(CodecError) in } }
    }

    @Test(arguments: try Vectors.names()) func anyCutOfAVectorGivesTheSame(_ name: String) throws {
        let sample = try Sample(name)
        var mutator = Mutator(generator: SeededGenerator(key: 1).stream(name))
        for payload in [sample.payload] + sample.refused {
            let whole = Outcome.whole(payload, sample.codec, sample.layout)
            for largest in [1, 2, 7, 64, 1000, 1 << 20] {
                let cut = Outcome.cut(mutator.cuts(payload, largest: largest), sample.codec, sample.layout)
                #expect(cut == whole)
            }
        }
    }

    @Test(arguments: try Vectors.names()) func damagedVectorsAreRefusedOrFinite(_ name: String) throws {
        let sample = try Sample(name)
        var mutator = Mutator(generator: SeededGenerator(key: 2).stream(name))
        let others = [sample.payload] + sample.refused
        var refused = 0
        for _ in 0..<Self.mutations {
            let damaged = mutator.damaged(sample.payload, others: others)
            if isRefused(damaged, sample.codec, sample.layout, &mutator) { refused += 1 }
        }
        // Most changes of a length or a header are seen.
        #expect(refused > Self.mutations / 4)
    }

    @Test(arguments: Samples.specs) func damagedPayloadsAreRefusedOrFinite(_ spec: CodecSpec) throws {
        let codec = try CodecRegistry.codec(spec)
        var mutator = Mutator(generator: SeededGenerator(key: 3).stream(Samples.name(spec)))
        var refused = 0
        for sizes in [[1], [9, 3, 1, 1, 2, 2], [700], [300, 20, 5, 5, 6, 6, 900]] {
            let layout = try Samples.mixed(sizes)
            let payloads = try (0..<4).map { round in
                // Gaussian, sparse and constant changes take different ways through an encoder.
                var values = Samples.gaussian(layout.count, deviation: 0.01, seed: UInt64(round))
                if round == 1 { for index in values.indices where index % 16 != 0 { values[index] = 0 } }
                if round == 2 { values = values.map { $0 < 0 ? -1 : 1 } }
                let change = try ParameterVector(layout: layout, values: values)
                return try codec.encode(change, generator: SeededGenerator(key: UInt64(round)))
            }
            for round in 0..<Self.mutations / 4 {
                let damaged = mutator.damaged(payloads[round % payloads.count], others: payloads)
                if isRefused(damaged, codec, layout, &mutator) { refused += 1 }
            }
        }
        #expect(refused > Self.mutations / 4)
    }

    @Test(arguments: Samples.specs) func noiseIsRefusedOrFinite(_ spec: CodecSpec) throws {
        let codec = try CodecRegistry.codec(spec)
        var mutator = Mutator(generator: SeededGenerator(key: 4).stream(Samples.name(spec)))
        let layout = try Samples.mixed([70, 5, 9, 1, 6, 3, 250])
        let change = try Samples.change(layout)
        let header = Array(try codec.encode(change, generator: SeededGenerator(key: 1)).prefix(4))
        for _ in 0..<1000 {
            let count = mutator.generator.nextIndex(below: codec.maximumEncodedCount(layout: layout) + 8)
            #expect(isRefused(mutator.noise(count), codec, layout, &mutator))
            _ = isRefused(header + mutator.noise(count), codec, layout, &mutator)
        }
    }

    /// What waits for the rest of a part is bounded, whatever lengths a payload claims.
    @Test(arguments: Samples.specs) func partsAreBounded(_ spec: CodecSpec) throws {
        let codec = try CodecRegistry.codec(spec)
        var mutator = Mutator(generator: SeededGenerator(key: 5).stream(Samples.name(spec)))
        let layout = try Samples.mixed([100_000, 3, 50, 5, 6, 6, 3])
        let payload = try codec.encode(Samples.change(layout), generator: SeededGenerator(key: 1))
        for round in 0..<100 {
            let bytes = round == 0 ? payload : mutator.damaged(payload, others: [])
            var reader = codec.makeReader(layout: layout)
            var start = 0
            do throws(CodecError) {
                while reader.nextPartCount > 0, bytes.count - start >= reader.nextPartCount {
                    let count = reader.nextPartCount
                    #expect(count <= 1 << 20)
                    // A copy of its own, so that a tool for memory errors sees what is read beyond its end.
                    let part = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
                    defer { part.deallocate() }
                    part.copyBytes(from: bytes[start..<start + count])
                    try reader.read(UnsafeRawBufferPointer(part)) { (_) throws(CodecError) in }
                    start += count
                }
                #expect(reader.nextPartCount <= 1 << 20)
            } catch {
                #expect(round > 0)
            }
        }
    }
}
