// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Testing

/// Dense payloads in blocks of compressed byte planes.
@Suite struct DenseEntropyTests {
    static let names = ["dense-float32", "dense-float16", "dense-bfloat16"]

    private func codecs(_ name: String) throws -> (plain: any GradientCodec, compressed: any GradientCodec) {
        let id = CodecID(name)
        return (try CodecRegistry.codec(id), try CodecRegistry.codec(CodecSpec(id, entropy: .auto)))
    }

    @Test(arguments: names, [1, 2, 500, 32_767, 32_768, 32_769, 100_000])
    func decodesToTheSameValues(_ name: String, _ count: Int) throws {
        let (plain, compressed) = try codecs(name)
        let change = try Samples.change(Samples.flat(count))
        let generator = SeededGenerator(key: 1)
        let (long, short) = (
            try plain.encode(change, generator: generator), try compressed.encode(change, generator: generator)
        )
        let expected = try plain.decode(long, layout: change.layout)
        #expect(try compressed.decode(short, layout: change.layout) == expected)
        #expect(try compressed.decode(long, layout: change.layout) == expected)
        #expect(short.count <= long.count)
        if count >= 32_767 { #expect(short[3] == 1) }
    }

    /// What zstd finds in the exponents of normal numbers: at least four bits a value.
    @Test(arguments: ["dense-float32", "dense-bfloat16"]) func exponentsCompress(_ name: String) throws {
        let (plain, compressed) = try codecs(name)
        let change = try Samples.change(Samples.flat(100_000))
        let generator = SeededGenerator(key: 1)
        let saved =
            try plain.encode(change, generator: generator).count
            - compressed.encode(change, generator: generator).count
        #expect(Double(8 * saved) / 100_000 > 4)
    }

    @Test(arguments: names) func zerosNearlyVanish(_ name: String) throws {
        let compressed = try codecs(name).compressed
        let zeros = ParameterVector(zeros: try Samples.flat(1_000_000))
        let payload = try compressed.encode(zeros, generator: SeededGenerator(key: 1))
        #expect(payload.count < 4000)
        #expect(payload.count >= compressed.minimumEncodedCount(layout: zeros.layout))
        #expect(try compressed.decode(payload, layout: zeros.layout) == zeros)
    }

    @Test(arguments: names) func whatDoesNotCompressStaysPlain(_ name: String) throws {
        let (plain, compressed) = try codecs(name)
        var generator = SeededGenerator(key: 4)
        // Every bit but the upper one of the exponent at random: finite in all formats, and without any redundancy to speak of.
        let values = (0..<200).map { _ in Float(Float16(bitPattern: UInt16.random(in: 0..<0x7C00, using: &generator))) }
        let change = try ParameterVector(layout: Samples.flat(200), values: values)
        let payload = try plain.encode(change, generator: generator)
        if name == "dense-float16" { #expect(try compressed.encode(change, generator: generator) == payload) }
        #expect(try compressed.encode(change, generator: generator).count <= payload.count)
    }

    @Test(arguments: names) func planesAreRefusedWhereTheSpecificationHasNone(_ name: String) throws {
        let (plain, compressed) = try codecs(name)
        let zeros = ParameterVector(zeros: try Samples.flat(1000))
        let payload = try compressed.encode(zeros, generator: SeededGenerator(key: 1))
        #expect(payload[3] == 1)
        // Padded to the length that a plain payload must have.
        let long =
            payload + [UInt8](repeating: 0, count: plain.minimumEncodedCount(layout: zeros.layout) - payload.count)
        #expect(throws: CodecError(.unknownFlags, "")) { try plain.decode(long, layout: zeros.layout) }
    }

    @Test(arguments: names) func everyByteOfAFrameIsGuarded(_ name: String) throws {
        let compressed = try codecs(name).compressed
        let zeros = ParameterVector(zeros: try Samples.flat(40_000))
        let payload = try compressed.encode(zeros, generator: SeededGenerator(key: 1))
        var refused = 0
        for index in 4..<payload.count {
            for bit in 0..<8 {
                var damaged = payload
                damaged[index] ^= 1 << UInt8(bit)
                do throws(CodecError) {
                    let decoded = try compressed.decode(damaged, layout: zeros.layout)
                    #expect(decoded.values.allSatisfy { $0.isFinite })
                } catch {
                    refused += 1
                    #expect([.invalidBlock, .truncated, .nonFiniteValue].contains(error.code))
                }
            }
        }
        // What is left is the byte that a frame repeats.
        #expect(refused > 7 * (payload.count - 4))
    }
}
