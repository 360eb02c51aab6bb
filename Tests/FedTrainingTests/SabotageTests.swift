// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

@Suite struct SabotageTests {
    private func distorted(_ sabotage: Sabotage, key: UInt64 = 1) -> [Float] {
        var change: [Float] = (0..<10_000).map { Float($0 % 7) - 3 }
        change.withUnsafeMutableBufferPointer { sabotage.distort($0, generator: SeededGenerator(key: key)) }
        return change
    }

    @Test func changesAreScaledAndFlipped() {
        #expect(distorted(Sabotage(.signFlip, scale: 2)).prefix(4) == [6, 4, 2, 0])
        #expect(distorted(Sabotage(.scale, scale: 3)).prefix(4) == [-9, -6, -3, 0])
        for kind in [Sabotage.Kind.labelFlip, .nan] { #expect(distorted(Sabotage(kind)).prefix(4) == [-3, -2, -1, 0]) }
    }

    /// The changes' root mean square is 2.
    @Test func noiseIsAsStrongAsAskedAndTheSameForASeed() {
        let noise = distorted(Sabotage(.gaussian, scale: 5))
        let mean = noise.reduce(0, +) / 10_000
        let deviation = (noise.reduce(0) { $0 + $1 * $1 } / 10_000).squareRoot()
        #expect(abs(mean) < 0.5)
        #expect(abs(deviation - 10) < 0.5)
        #expect(distorted(Sabotage(.gaussian, scale: 5)) == noise)
        #expect(distorted(Sabotage(.gaussian, scale: 5), key: 2) != noise)
    }

    @Test func labelsAreTurnedAround() throws {
        let digits = try DatasetRegistry.load(DatasetSource(name: "digits")).train
        let flipped = try Sabotage(.labelFlip).distorted(digits)
        #expect(flipped.values == digits.values)
        #expect(zip(flipped.labels, digits.labels).allSatisfy { $0 + $1 == 9 })
        #expect(try Sabotage(.signFlip).distorted(digits).labels == digits.labels)
    }

    @Test func payloadsGetANaN() {
        var payload = [UInt8](repeating: 1, count: 9)
        Sabotage(.scale).distort(payload: &payload)
        #expect(payload == [UInt8](repeating: 1, count: 9))
        Sabotage(.nan).distort(payload: &payload)
        #expect(payload == [1, 1, 1, 1, 0xC0, 0x7F, 0xC0, 0x7F, 1])
        var half: [UInt8] = [1, 2, 3, 4, 5, 6]
        Sabotage(.nan).distort(payload: &half)
        #expect(half == [1, 2, 3, 4, 0xC0, 0x7F])
        var short: [UInt8] = [1, 2, 3]
        Sabotage(.nan).distort(payload: &short)
        #expect(short == [1, 2, 3])
    }
}
