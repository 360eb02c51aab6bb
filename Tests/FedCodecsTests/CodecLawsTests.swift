// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Testing

/// What every codec promises, over all registered codecs and their options.
@Suite struct CodecLawsTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let spec: CodecSpec
        let sizes: [Int]
        var testDescription: String { "\(Samples.name(spec)) \(sizes)" }

        func layout() throws -> ModelLayout { try Samples.mixed(sizes) }
    }

    /// Sizes around the edges of bytes, vectors, blocks (320) and chunks (2560), and tensors across those edges.
    static let sizes: [[Int]] =
        [[], [1], [2], [3], [4], [5], [6], [15], [16], [17], [319], [320], [321], [639], [641], [2559], [2560], [2561]]
        + [[1, 1, 1, 1, 1, 1], [3, 1, 4, 1, 5, 9, 2, 6], [300, 7, 13, 1, 11, 4, 2600, 5], [2, 3, 1, 1, 8, 9]]

    static let cases = Samples.specs.flatMap { spec in sizes.map { Case(spec: spec, sizes: $0) } }

    @Test(arguments: cases) func roundTripKeepsTheShape(_ sample: Case) throws {
        let codec = try CodecRegistry.codec(sample.spec)
        let change = try Samples.change(sample.layout())
        let decoded = try codec.decode(
            codec.encode(change, generator: SeededGenerator(key: 5)), layout: change.layout)
        #expect(decoded.layout == change.layout)
        #expect(decoded.values.count == change.values.count)
        #expect(decoded.values.allSatisfy { $0.isFinite })
        for (value, original) in zip(decoded.values, change.values) {
            #expect(value == 0 || value.sign == original.sign)
        }
    }

    @Test(arguments: cases) func sameKeySameBytes(_ sample: Case) throws {
        let codec = try CodecRegistry.codec(sample.spec)
        let change = try Samples.change(sample.layout())
        var used = SeededGenerator(key: 9)
        let first = try codec.encode(change, generator: used)
        _ = used.next()
        #expect(try codec.encode(change, generator: used) == first)
    }

    @Test(arguments: cases) func payloadsStayWithinTheBound(_ sample: Case) throws {
        let codec = try CodecRegistry.codec(sample.spec)
        let layout = try sample.layout()
        for deviation: Float in [0, 1e-30, 0.01, 100] {
            let payload = try codec.encode(
                Samples.change(layout, deviation: deviation), generator: SeededGenerator(key: 3))
            #expect(payload.count <= codec.maximumEncodedCount(layout: layout))
            #expect(payload.count >= 4)
            #expect(payload.count >= codec.minimumEncodedCount(layout: layout))
            #expect(payload.prefix(2) == [0xFC, codec.wireNumber])
        }
    }

    @Test(arguments: cases) func zerosStayZeros(_ sample: Case) throws {
        let codec = try CodecRegistry.codec(sample.spec)
        let zeros = ParameterVector(zeros: try sample.layout())
        let payload = try codec.encode(zeros, generator: SeededGenerator(key: 1))
        #expect(try codec.decode(payload, layout: zeros.layout) == zeros)
    }

    @Test(arguments: Samples.specs) func aSingleEntryIsKept(_ spec: CodecSpec) throws {
        let codec = try CodecRegistry.codec(spec)
        for value: Float in [1, -0.5, 0.25] {
            let single = try ParameterVector(layout: Samples.flat(1), values: [value])
            let payload = try codec.encode(single, generator: SeededGenerator(key: 1))
            #expect(try codec.decode(payload, layout: single.layout) == single)
        }
    }

    @Test(arguments: Samples.specs, [Float.nan, .infinity, -.infinity, .signalingNaN])
    func refusesToEncodeWhatIsNoNumber(_ spec: CodecSpec, _ value: Float) throws {
        let codec = try CodecRegistry.codec(spec)
        let layout = try Samples.mixed([20, 3, 5, 2, 8, 4])
        for index in 0..<layout.count {
            var values = [Float](repeating: 0.5, count: layout.count)
            values[index] = value
            let change = try ParameterVector(layout: layout, values: values)
            #expect(throws: CodecError(.nonFiniteValue, "")) {
                try codec.encode(change, generator: SeededGenerator(key: 1))
            }
        }
    }

    @Test(arguments: cases) func everyPrefixIsRefused(_ sample: Case) throws {
        let codec = try CodecRegistry.codec(sample.spec)
        let change = try Samples.change(sample.layout())
        let payload = try codec.encode(change, generator: SeededGenerator(key: 2))
        for length in 0..<payload.count {
            #expect(throws: CodecError(.truncated, "")) {
                try codec.decode(Array(payload.prefix(length)), layout: change.layout)
            }
        }
        #expect(throws: CodecError(.trailingBytes, "")) { try codec.decode(payload + [0], layout: change.layout) }
    }

    @Test(arguments: Samples.specs) func damagedPayloadsAreRefusedOrFinite(_ spec: CodecSpec) throws {
        let codec = try CodecRegistry.codec(spec)
        let change = try Samples.change(Samples.mixed([70, 5, 9, 1, 6, 3, 250]))
        let payload = try codec.encode(change, generator: SeededGenerator(key: 2))
        var generator = SeededGenerator(key: 0xF00D).stream(Samples.name(spec))
        var refused = 0
        for _ in 0..<2000 {
            var damaged = payload
            for _ in 0...generator.nextIndex(below: 4) {
                let index = generator.nextIndex(below: damaged.count)
                switch generator.nextIndex(below: 5) {
                case 0: damaged[index] ^= 1 << UInt8(generator.nextIndex(below: 8))
                case 1: damaged[index] = [0, 0xFF, 0x7F, 0x80, 243][generator.nextIndex(below: 5)]
                case 2: damaged.remove(at: index)
                case 3: damaged.insert(UInt8(truncatingIfNeeded: generator.next()), at: index)
                default: damaged[index] = UInt8(truncatingIfNeeded: generator.next())
                }
            }
            do throws(CodecError) {
                let decoded = try codec.decode(damaged, layout: change.layout)
                #expect(decoded.values.allSatisfy { $0.isFinite })
            } catch {
                refused += 1
                #expect(!error.message.isEmpty)
            }
        }
        #expect(refused > 500)
    }

    @Test(arguments: Samples.specs) func headersAreChecked(_ spec: CodecSpec) throws {
        let codec = try CodecRegistry.codec(spec)
        let change = try Samples.change(Samples.flat(10))
        let payload = try codec.encode(change, generator: SeededGenerator(key: 2))
        let expected: [CodecError.Code] = [.wrongFormat, .wrongFormat, .unsupportedVersion, .unknownFlags]
        for (index, code) in expected.enumerated() {
            // Flags below 16 may be the codec's.
            for byte in UInt8.min...UInt8.max where byte != payload[index] && (index < 3 || byte >= 16) {
                // The version before this one is read, too.
                if index == 2, spec.codec == CodecID("ternary"), byte == 2 { continue }
                var damaged = payload
                damaged[index] = byte
                #expect(throws: CodecError(code, "")) { try codec.decode(damaged, layout: change.layout) }
            }
        }
    }

    @Test(arguments: Samples.specs) func aHugeModelIsRefusedWithoutAllocating(_ spec: CodecSpec) throws {
        let codec = try CodecRegistry.codec(spec)
        let huge = try Samples.flat(ModelLayout.maximumCount)
        let payload = try codec.encode(Samples.change(Samples.flat(8)), generator: SeededGenerator(key: 2))
        // Too short, or with a first block that is none of so large a model.
        let error = #expect(throws: CodecError.self) { try codec.decode(payload, layout: huge) }
        #expect([.truncated, .invalidBlock].contains(error?.code))
        #expect(throws: CodecError(.truncated, "")) { try codec.decode([], layout: huge) }
    }
}
