// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

@Suite struct DropoutTests {
    static let shape = InputShape(channels: 8, height: 25, width: 25)

    /// What a layer of that share makes of a batch of 20 images of ones, with as many layers before it as said.
    private static func ones(_ share: Float, key: UInt64?, before: Int = 0) throws -> [Float] {
        // A share so small takes its number, but removes nothing.
        let layers = (0..<before).map { _ in LayerSpec.dropout(.leastNormalMagnitude) } + [.dropout(share), .relu]
        let network = try Network(layers, input: shape, maximumBatch: 20)
        return network.logits(
            images: [Float](repeating: 1, count: 20 * shape.count),
            mode: PassMode(statistics: .running, dropoutKey: key))
    }

    @Test(arguments: [Float(0.1), 0.25, 0.5, 0.9])
    func removesItsShareAndKeepsTheMean(_ share: Float) throws {
        for key: UInt64 in [0, 1, 1 << 40] {
            let values = try Self.ones(share, key: key)
            let kept = values.filter { $0 != 0 }
            #expect(kept.allSatisfy { $0 == 1 / (1 - share) })
            // 100,000 draws: five standard deviations.
            let deviation = (Double(share * (1 - share)) / Double(values.count)).squareRoot()
            #expect(abs(1 - Double(kept.count) / Double(values.count) - Double(share)) < 5 * deviation)
        }
    }

    /// Half the values differ between keys, layers, images and neighbours, as of independent draws.
    @Test func drawsAreIndependent() throws {
        let values = try Self.ones(0.5, key: 7)
        func expectIndependent(_ others: some Collection<Float>, _ name: String) {
            let differing = zip(values, others).count { $0 != $1 }
            let count = Double(others.count)
            #expect(abs(Double(differing) / count - 0.5) < 2.5 / count.squareRoot(), "\(name)")
        }
        expectIndependent(try Self.ones(0.5, key: 8), "key")
        expectIndependent(try Self.ones(0.5, key: 7 + 1 << 32), "upper half of the key")
        expectIndependent(try Self.ones(0.5, key: 7, before: 1), "layer")
        expectIndependent(values.dropFirst(Self.shape.count), "image")
        expectIndependent(values.dropFirst(Self.shape.pixels), "channel")
        expectIndependent(values.dropFirst(1), "neighbour")
        #expect(try Self.ones(0.5, key: 7) == values)
    }

    @Test func withoutAKeyNothingIsRemoved() throws {
        #expect(try Self.ones(0.5, key: nil).allSatisfy { $0 == 1 })
        #expect(try Self.ones(0, key: 3).allSatisfy { $0 == 1 })
    }
}
