// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedWorker
import Testing

@Suite struct StatisticsSharingTests {
    /// A scale, and mean and variance of both kinds.
    private static let layout = try? ModelLayout([
        ParameterSpec(name: "n.weight", shape: [2], role: .normScale),
        ParameterSpec(name: "n.running_mean", shape: [2], role: .cleanStatistics),
        ParameterSpec(name: "n.running_var", shape: [2], role: .cleanStatistics),
        ParameterSpec(name: "n.adversarial.running_mean", shape: [2], role: .adversarialStatistics),
        ParameterSpec(name: "n.adversarial.running_var", shape: [2], role: .adversarialStatistics),
    ])
    private static let own: [Float] = [7, 8, 1, -1, 0.25, 0.5, 3, 4, 5, 6]

    private static func shared(noise: Double, isAdversarial: Bool = true, key: UInt64 = 1) throws -> WorkerStatistics {
        StatisticsSharing(noise: noise).statistics(
            of: own, layout: try #require(layout), isAdversarial: isAdversarial, generator: SeededGenerator(key: key))
    }

    @Test func withoutNoiseTheyAreTheWorkersOwn() throws {
        let statistics = try Self.shared(noise: 0)
        #expect(statistics.clean == [1, -1, 0.25, 0.5])
        #expect(statistics.adversarial == [3, 4, 5, 6])
    }

    /// Scales and shifts stay, and so does what was never trained.
    @Test func onlyWhatIsAskedForIsShared() throws {
        let statistics = try Self.shared(noise: 0, isAdversarial: false)
        #expect(statistics.clean == [1, -1, 0.25, 0.5] && statistics.adversarial == nil)
    }

    @Test func noiseIsRepeatableAndLeavesVariancesAboveZero() throws {
        var smallest: Float = 1
        var differences = 0
        for key in 0..<200 {
            let statistics = try Self.shared(noise: 2, key: UInt64(key))
            #expect(try Self.shared(noise: 2, key: UInt64(key)) == statistics)
            smallest = statistics.clean[2...].reduce(smallest, min)
            differences += statistics.clean[0] == 1 ? 0 : 1
        }
        #expect(smallest > 0 && smallest < 0.25)
        #expect(differences > 190)
    }

    /// The deviation is relative to a tensor's root mean square, 1 for the clean means.
    @Test func noiseHasTheDeviationThatItWasGiven() throws {
        var (sum, square) = (0.0, 0.0)
        let count = 4000
        for key in 0..<count {
            let difference = try Double(Self.shared(noise: 0.5, key: UInt64(key)).clean[0]) - 1
            sum += difference
            square += difference * difference
        }
        #expect(abs(sum / Double(count)) < 0.03)
        #expect(abs((square / Double(count)).squareRoot() - 0.5) < 0.03)
    }
}
