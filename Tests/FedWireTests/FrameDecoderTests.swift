// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedWire
import Testing

@Suite struct FrameDecoderTests {
    /// One frame of each type, and what the decoder makes of it when it comes in one piece.
    private static func stream() throws -> (bytes: [UInt8], events: [FrameEvent]) {
        let heartbeat = try ControlMessage.heartbeat(Heartbeat(progress: 0.5)).encoded()
        let head = try FrameEncoder.dataHeader(stream: 1, length: 5)
        var bytes = try FrameEncoder.control(.heartbeat(Heartbeat(progress: 0.5)))
        let start = bytes.count + head.count
        bytes += head + [1, 2, 3, 4, 5]
        bytes += try FrameEncoder.credit(stream: 1, byteCount: 0x0102_0304)
        bytes += try FrameEncoder.end(stream: 1)
        bytes += try FrameEncoder.reset(stream: 0xFFFF_FFFE, code: .oversize)
        bytes += try FrameHeader(.control, stream: 0, length: 0).bytes
        return (
            bytes,
            [
                .control(heartbeat), .data(stream: 1, range: start..<start + 5),
                .credit(stream: 1, byteCount: 0x0102_0304), .end(stream: 1),
                .reset(stream: 0xFFFF_FFFE, code: .oversize), .control([]),
            ]
        )
    }

    private static func decode(_ chunks: [[UInt8]], _ decoder: inout FrameDecoder) throws(WireError) -> [FrameEvent] {
        var events: [FrameEvent] = []
        for chunk in chunks {
            var offset = 0
            while let event = try decoder.next(in: chunk.span.bytes, from: &offset) { events.append(event) }
            #expect(offset == chunk.count)
        }
        return events
    }

    @Test func framesOfAllTypesAreFound() throws {
        let (bytes, events) = try Self.stream()
        var decoder = FrameDecoder()
        #expect(try Self.decode([bytes], &decoder) == events)
        #expect(decoder.isBetweenFrames)
    }

    @Test func aHeaderIsNineBytesBigEndian() throws {
        #expect(
            try FrameEncoder.dataHeader(stream: 0x0102_0304, length: 0x0003_0201) == [0, 3, 2, 1, 2, 1, 2, 3, 4])
        #expect(
            try FrameEncoder.credit(stream: 3, byteCount: 0x0A0B_0C0D) == [0, 0, 0, 4, 4, 0, 0, 0, 3, 10, 11, 12, 13])
    }

    @Test func everyCutIntoTwoChunksGivesTheSameFrames() throws {
        let (bytes, events) = try Self.stream()
        for cut in 0...bytes.count {
            var decoder = FrameDecoder()
            let found = try Self.decode([Array(bytes[..<cut]), Array(bytes[cut...])], &decoder)
            func isData(_ event: FrameEvent) -> Bool { if case .data = event { true } else { false } }
            #expect(found.filter { !isData($0) } == events.filter { !isData($0) })
            let count = found.reduce(0) { if case .data(1, let range) = $1 { $0 + range.count } else { $0 } }
            #expect(count == 5)
        }
    }

    @Test func everyPrefixIsIncompleteOrEndsBetweenFrames() throws {
        let (bytes, events) = try Self.stream()
        for count in 0..<bytes.count {
            var decoder = FrameDecoder()
            let found = try Self.decode([Array(bytes[..<count])], &decoder)
            #expect(found.count <= events.count)
            let ends = [0, 20, 34, 47, 56, 69]
            #expect(decoder.isBetweenFrames == ends.contains(count), "after \(count) bytes")
        }
    }

    @Test(
        arguments: [
            ([0, 0, 0, 0, 0, 0, 0, 0, 0], WireError.Code.unknownFrameType),
            ([0, 0, 0, 0, 6, 0, 0, 0, 1], .unknownFrameType),
            ([0, 0x10, 0, 1, 1, 0, 0, 0, 0], .invalidFrameLength),
            ([255, 255, 255, 255, 1, 0, 0, 0, 0], .invalidFrameLength),
            ([0, 4, 0, 1, 2, 0, 0, 0, 1], .invalidFrameLength), ([0, 0, 0, 0, 2, 0, 0, 0, 1], .invalidFrameLength),
            ([0, 0, 0, 1, 3, 0, 0, 0, 1], .invalidFrameLength), ([0, 0, 0, 5, 4, 0, 0, 0, 1], .invalidFrameLength),
            ([0, 0, 0, 3, 5, 0, 0, 0, 1], .invalidFrameLength), ([0, 0, 0, 1, 2, 0, 0, 0, 0], .invalidStream),
            ([0, 0, 0, 0, 3, 0, 0, 0, 0], .invalidStream), ([0, 0, 0, 1, 1, 0, 0, 0, 1], .invalidStream),
            ([0, 0, 0, 4, 4, 0, 0, 0, 1, 0, 0, 0, 0], .invalidFrameLength),
        ] as [([UInt8], WireError.Code)])
    func impossibleFramesAreRefusedForGood(bytes: [UInt8], code: WireError.Code) {
        var decoder = FrameDecoder()
        let first = #expect(throws: WireError.self) { try Self.decode([bytes], &decoder) }
        #expect(first?.code == code)
        let second = #expect(throws: WireError.self) { try Self.decode([[1]], &decoder) }
        #expect(second?.code == code)
    }

    @Test(arguments: 0..<8) func mutatedBytesNeverTrap(seed: Int) throws {
        var generator = SeededGenerator(key: UInt64(seed))
        let (bytes, _) = try Self.stream()
        for _ in 0..<4000 {
            var mutated = bytes
            for _ in 0...generator.nextIndex(below: 4) {
                let index = generator.nextIndex(below: mutated.count)
                switch generator.nextIndex(below: 3) {
                case 0: mutated[index] = UInt8(truncatingIfNeeded: generator.next())
                case 1: mutated.remove(at: index)
                default: mutated.insert(UInt8(truncatingIfNeeded: generator.next()), at: index)
                }
            }
            var decoder = FrameDecoder()
            var chunks: [[UInt8]] = []
            var start = 0
            while start < mutated.count {
                let end = min(mutated.count, start + 1 + generator.nextIndex(below: 20))
                chunks.append(Array(mutated[start..<end]))
                start = end
            }
            guard let events = try? Self.decode(chunks, &decoder) else { continue }
            for case .control(let payload) in events { _ = try? ControlMessage.decode(payload) }
        }
    }
}
