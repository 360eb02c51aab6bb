// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

@Suite struct TrainingMemoryTests {
    private static let input = InputShape(channels: 3, height: 28, width: 28)

    private static func bytes(_ spec: ModelSpec, _ scope: UpdateScope, batch: Int = 32) throws -> Int {
        try ModelZoo.trainingBytes(of: spec, scope: scope, input: input, classes: 10, maximumBatch: batch)
    }

    /// A width takes what its own network and all narrower ones take together.
    @Test func aWidthHasAllNarrowerNetworksBesideIt() throws {
        var spec = ModelSpec(architecture: "digits-cnn")
        spec.levels = try [1, 2, 4].map { try WidthRatio($0, 4) }
        var sum = 0
        for level in spec.levels {
            sum += try Self.bytes(spec.network(for: .nested(level)), .wholeModel)
            #expect(try Self.bytes(spec, .nested(level)) == sum)
        }
    }

    /// Base networks are trained one after the other.
    @Test func manyBasesTakeAsMuchAsOne() throws {
        let spec = ModelSpec(architecture: "digits-cnn", width: try WidthRatio(1, 8), bases: 8)
        #expect(try Self.bytes(spec, .bases([0, 1, 2])) == Self.bytes(spec, .bases([5])))
        #expect(try Self.bytes(spec, .bases([5])) < Self.bytes(spec, .wholeModel))
    }

    /// What cannot fit is refused before anything is allocated: here two networks of which either would.
    @Test func networksThatDoNotFitTogetherAreRefused() throws {
        let present = MachineMemory.now.totalBytes
        var spec = ModelSpec(architecture: "digits-cnn")
        spec.levels = [try WidthRatio(63, 64), .full]
        let one = try Self.bytes(spec, .wholeModel, batch: 1000)
        // Memory grows with the batch, but for the parameters.
        let batch = Int(0.9 * Double(present) / Double(one) * 1000)
        guard batch <= 1_000_000, try Self.bytes(spec, .wholeModel, batch: batch) < present else { return }
        let networks = TrainingNetworks(spec, input: Self.input, classes: 10, maximumBatch: batch)
        #expect(throws: TrainingError(.invalidModel, "")) { try networks.prepare(for: .nested(.full)) }
    }
}
