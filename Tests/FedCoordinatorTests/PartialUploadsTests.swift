// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedWire
import Testing

@Suite struct PartialUploadsTests {
    private static let digest = [UInt8](repeating: 7, count: 32)
    private static let other = [UInt8](repeating: 8, count: 32)

    private static func header(_ offset: Int, digest: [UInt8] = digest) throws -> TransferHeader {
        try TransferHeader(stream: 1, byteCount: 1000, sha256: digest, offset: offset)
    }

    @Test func onlyExactlyWhatIsHeldGoesOn() throws {
        let worker = try WorkerID("a")
        let bytes = [UInt8](0..<100)
        var partials = PartialUploads(byteLimit: 1000)
        partials.keep(bytes, sha256: Self.digest, of: worker)
        #expect(try partials.partial(of: worker) == PartialTransfer(sha256: Self.digest, byteCount: 100))
        for header in [
            try Self.header(99), try Self.header(101), try Self.header(1000), try Self.header(100, digest: Self.other),
        ] {
            #expect(!partials.holds(header, of: worker))
            var copy = partials
            #expect(copy.take(header, of: worker) == nil)
            #expect(copy.byteCount == 0, "it has begun anew")
        }
        #expect(try !partials.holds(Self.header(100), of: WorkerID("b")))
        #expect(try partials.take(Self.header(100), of: worker) == bytes)
        #expect(try partials.take(Self.header(100), of: worker) == nil, "it is handed over once")
        #expect(try partials.take(Self.header(0), of: worker) == [])
    }

    @Test func theOldestMakeRoom() throws {
        let workers = try (0..<20).map { try WorkerID("w\($0)") }
        var partials = PartialUploads(byteLimit: 1000)
        for worker in workers {
            partials.keep([UInt8](repeating: 1, count: 300), sha256: Self.digest, of: worker)
            #expect(partials.byteCount <= 1000)
        }
        #expect(workers.filter { partials.partial(of: $0) != nil } == Array(workers.suffix(3)))
        // One that breaks off again is the newest, and counted once.
        partials.keep([UInt8](repeating: 1, count: 400), sha256: Self.digest, of: workers[17])
        #expect(partials.byteCount == 1000)
        partials.keep([1], sha256: Self.digest, of: workers[0])
        #expect(partials.partial(of: workers[18]) == nil)
        #expect(partials.partial(of: workers[17])?.byteCount == 400)
        // What is larger than all the room takes nobody's place.
        partials.keep([UInt8](repeating: 1, count: 1001), sha256: Self.digest, of: workers[1])
        #expect(partials.partial(of: workers[1]) == nil)
        #expect(partials.byteCount == 701)
        partials.removeAll()
        #expect(partials.byteCount == 0)
        #expect(workers.allSatisfy { partials.partial(of: $0) == nil })
    }
}
