// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCoordinator
import FedCore
import FedStore
import FedStrategies
import FedTransport
import Testing

/// What the workers of one round download.
@Suite struct RoundDownloadsTests {
    static func downloads(steps: StepCache, version: ModelVersion, parameters: Int) throws -> RoundDownloads {
        let layout = try ModelLayout([ParameterSpec(name: "w", shape: [parameters], role: .weight)])
        let codec = CodecID("stc")
        let base = ParameterVector(zeros: layout)
        return try RoundDownloads(
            base: ServerModel(parameters: base), digest: ModelDigest.bytes(of: base), version: version,
            rule: StepRule(
                DownlinkKind(codec), rule: ServerRule(optimizer: ServerOptimizerSpec().optimizer, rounds: 1000)),
            codec: DenseFloat32Codec(), stepCodec: codec, steps: steps,
            generator: SeededGenerator(key: 1))
    }

    /// Where the bytes of segments lie.
    private static func addresses(_ segments: some Sequence<[UInt8]>) -> [UInt] {
        segments.map { $0.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } }
    }

    /// However many versions workers claim, in truth or not, what is kept for them are the bytes of the steps.
    @Test func stepsAreKeptOnceForAllVersions() throws {
        let count = 200
        var steps = StepCache(byteLimit: 1 << 20)
        for number in 1...count {
            steps.append([UInt8](repeating: UInt8(number), count: 100 + number), to: ModelVersion(number))
        }
        let newest = ModelVersion(count)
        let all = try #require(steps.chain(from: ModelVersion(0), to: newest, wholeBytes: .max))
        let places = Self.addresses(all)
        let downloads = try Self.downloads(steps: steps, version: newest, parameters: 1 << 18)
        for _ in 0..<2 {
            for held in -3...count + 3 {
                let download = downloads.download(
                    of: .wholeModel, held: ModelVersion(held), takesSteps: true, isVerified: held % 2 == 0)
                guard (0...count).contains(held) else {
                    #expect(download.steps == nil)
                    continue
                }
                #expect((download.modelSHA256 != nil) == (held % 2 == 0))
                let missed = all.suffix(count - held)
                #expect(download.steps?.byteCounts == missed.map(\.count))
                #expect(download.payload.byteCount == missed.reduce(0) { $0 + $1.count })
                #expect(Self.addresses(download.payload.segments) == places.suffix(count - held))
                #expect(download.payload.sha256 == OutgoingPayload(Array(missed.joined())).sha256)
            }
        }
    }
}
