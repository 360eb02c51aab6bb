// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedSimulation
import FedStrategies
import FedTraining
import Testing

@Suite(.timeLimit(.minutes(2))) struct AttackersTests {
    @Test func theSeedSaysWho() {
        let few = Attackers(Sabotage(.signFlip), share: 0.2, of: 10, seed: 1)
        #expect(few.numbers.count == 2)
        #expect(few.numbers == few.numbers.sorted() && few.numbers.allSatisfy { (1...10).contains($0) })
        #expect(Attackers(Sabotage(.nan), share: 0.2, of: 10, seed: 1).numbers == few.numbers)
        #expect(Attackers(Sabotage(.nan), share: 0.001, of: 10, seed: 1).numbers.count == 1)
        let others = (2...20).map { Attackers(Sabotage(.nan), share: 0.2, of: 10, seed: $0).numbers }
        #expect(Set(others).count > 5)
        #expect(few.report.scale == 10 && few.report.kind == "sign-flip")
        #expect(Attackers(Sabotage(.labelFlip), share: 0.5, of: 2, seed: 1).report.scale == nil)
    }

    private func report(
        _ sabotage: Sabotage, _ aggregator: AggregatorSpec = AggregatorSpec(), uplink: String = "dense-float32",
        limits: RunConfig.LimitsSection = .init(), rounds: Int = 10
    ) async throws -> RunReport {
        var config = InProcessSimulationTests.config(uplink: uplink, rounds: rounds, fraction: 1)
        config.training.epochs = 3
        config.strategy = StrategySpec(aggregator: aggregator)
        config.limits = limits
        config.cohort.quorum = 0.5
        return try await InProcessSimulationTests.run(
            config, workers: 10, attackers: Attackers(sabotage, share: 0.2, of: 10, seed: config.seed))
    }

    @Test(arguments: [
        AggregatorSpec(name: .median), AggregatorSpec(name: .trimmedMean, trim: 0.2),
        AggregatorSpec(name: .multiKrum, attackers: 2), AggregatorSpec(name: .geometricMedian),
    ]) func robustAggregatorsLearnAmongAttackers(_ aggregator: AggregatorSpec) async throws {
        let report = try await report(Sabotage(.signFlip), aggregator)
        #expect(report.final.accuracy ?? 0 > 0.8)
        #expect(report.attack?.attackers.count == 2)
        #expect(report.rounds.allSatisfy { $0.accepted == 10 })
    }

    @Test func theMeanDoesNot() async throws {
        #expect(try await report(Sabotage(.signFlip)).final.accuracy ?? 1 < 0.6)
    }

    /// Ten times as long as the others, in a mean that leaves such updates out.
    @Test(arguments: [Sabotage.Kind.signFlip, .scale, .gaussian], ["dense-float32", "ternary"])
    func longUpdatesAreLeftOut(_ kind: Sabotage.Kind, _ uplink: String) async throws {
        let report = try await report(Sabotage(kind), uplink: uplink, limits: .init(relativeNorm: 4))
        #expect(report.final.accuracy ?? 0 > 0.8)
        #expect(report.rounds.allSatisfy { $0.accepted == 8 && $0.refused == 2 })
    }

    @Test(arguments: ["dense-float32", "ternary", "dense-bfloat16", "random-k", "top-k"])
    func whatIsNoNumberIsRefused(_ uplink: String) async throws {
        let report = try await report(Sabotage(.nan), uplink: uplink, rounds: 2)
        #expect(report.rounds.allSatisfy { $0.accepted == 8 && $0.refused == 2 })
    }
}
