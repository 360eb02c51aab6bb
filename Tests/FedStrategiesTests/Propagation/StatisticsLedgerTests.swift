// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStrategies
import Testing

@Suite struct StatisticsLedgerTests {
    private static let rule = StatisticsPropagation()

    private static func worker(_ number: Int) throws -> WorkerID { try WorkerID("worker-\(number)") }

    /// What worker `number` shares; one that attacks has adversarial statistics, too.
    private static func shared(_ number: Int, attacks: Bool) throws -> SharedStatistics {
        try SharedStatistics(
            clean: StatisticsPropagationTests.statistics(UInt64(number)),
            adversarial: attacks ? StatisticsPropagationTests.adversarial(UInt64(100 + number)) : nil)
    }

    @Test func oneAdversarialWorkersStatisticsArriveBitForBit() throws {
        var ledger = StatisticsLedger()
        let own = try Self.shared(1, attacks: true)
        try ledger.record(own, of: Self.worker(1), after: RoundID(3))
        try ledger.record(Self.shared(2, attacks: false), of: Self.worker(2), after: RoundID(3))
        for receiver in [2, 9] {
            let propagated = try #require(try ledger.propagated(to: Self.worker(receiver), by: Self.rule))
            #expect(propagated.adversarial == own.adversarial)
            #expect(try propagated.sources.map(\.worker) == [Self.worker(1)])
            #expect(propagated.sources.map(\.weight) == [1] && propagated.sources.map(\.round) == [RoundID(3)])
            #expect(!propagated.isLastKnown)
        }
        #expect(try ledger.propagated(to: Self.worker(1), by: Self.rule) == nil, "it has statistics of its own")
    }

    @Test func theOrderOfRecordsDoesNotMatter() throws {
        var generator = SeededGenerator(key: 8)
        var expected: StatisticsLedger.Propagated?
        for _ in 0..<30 {
            var order = Array(1...8)
            generator.shuffle(&order)
            var ledger = StatisticsLedger()
            for number in order {
                try ledger.record(
                    Self.shared(number, attacks: number <= 5), of: Self.worker(number), after: RoundID(1))
            }
            let propagated = try #require(
                try ledger.propagated(to: Self.worker(7), by: StatisticsPropagation(temperature: 0.3)))
            expected = expected ?? propagated
            #expect(propagated == expected)
            #expect(try propagated.sources.map(\.worker) == (1...5).map(Self.worker))
        }
        // The mean lies between the smallest and the largest of each entry, so that variances stay above 0.
        let sources = try (1...5).map { try StatisticsPropagationTests.adversarial(UInt64(100 + $0)).values }
        let mean = try #require(expected).adversarial
        for (index, value) in mean.values.enumerated() {
            let entries = sources.map { $0[index] }
            #expect(try #require(entries.min()) <= value && value <= #require(entries.max()))
        }
        for (parameter, segment) in zip(mean.layout.parameters, mean.layout.segments)
        where parameter.name.hasSuffix(".running_var") {
            #expect(segment.allSatisfy { mean.values[$0] > 0 })
        }
    }

    @Test func withoutAnyAdversarialWorkerThereIsNothing() throws {
        var ledger = StatisticsLedger()
        #expect(try ledger.propagated(to: Self.worker(1), by: Self.rule) == nil)
        try ledger.record(Self.shared(1, attacks: false), of: Self.worker(1), after: RoundID(1))
        #expect(try ledger.propagated(to: Self.worker(1), by: Self.rule) == nil)
    }

    @Test func theLastKnownStayWhenNobodyAttacksAnyMore() throws {
        var ledger = StatisticsLedger()
        try ledger.record(Self.shared(1, attacks: true), of: Self.worker(1), after: RoundID(1))
        try ledger.record(Self.shared(2, attacks: true), of: Self.worker(2), after: RoundID(1))
        try ledger.record(Self.shared(2, attacks: false), of: Self.worker(2), after: RoundID(2))
        // One is left: what the other had is not used.
        var propagated = try #require(try ledger.propagated(to: Self.worker(2), by: Self.rule))
        #expect(try propagated.sources.map(\.worker) == [Self.worker(1)] && !propagated.isLastKnown)
        try ledger.record(Self.shared(1, attacks: false), of: Self.worker(1), after: RoundID(3))
        propagated = try #require(try ledger.propagated(to: Self.worker(1), by: Self.rule))
        #expect(propagated.isLastKnown)
        #expect(try propagated.sources.map(\.worker) == [Self.worker(1), Self.worker(2)])
        #expect(propagated.sources.map(\.round) == [RoundID(1), RoundID(1)])
        // A worker that begins again takes over.
        try ledger.record(Self.shared(3, attacks: true), of: Self.worker(2), after: RoundID(4))
        propagated = try #require(try ledger.propagated(to: Self.worker(1), by: Self.rule))
        #expect(try propagated.sources.map(\.worker) == [Self.worker(2)] && !propagated.isLastKnown)
        #expect(try propagated.adversarial == Self.shared(3, attacks: true).adversarial)
    }

    @Test func whoWithdrawsIsForgotten() throws {
        var ledger = StatisticsLedger()
        try ledger.record(Self.shared(1, attacks: true), of: Self.worker(1), after: RoundID(1))
        try ledger.record(Self.shared(1, attacks: false), of: Self.worker(1), after: RoundID(2))
        try ledger.forget(Self.worker(1))
        #expect(ledger == StatisticsLedger())
        #expect(try ledger.propagated(to: Self.worker(2), by: Self.rule) == nil)
    }

    @Test func whatIsNoStatisticsIsRefused() throws {
        let clean = try StatisticsPropagationTests.statistics(1)
        var broken = try StatisticsPropagationTests.adversarial(2)
        broken.withMutableValues { $0[4] = .nan }
        #expect(throws: StrategyError(.invalidState, "")) { try SharedStatistics(clean: clean, adversarial: broken) }
        let other = try ParameterVector(
            layout: ModelLayout([ParameterSpec(name: "m", shape: [16], role: .adversarialStatistics)]),
            values: [Float](repeating: 1, count: 16))
        #expect(throws: StrategyError(.invalidState, "")) { try SharedStatistics(clean: clean, adversarial: other) }
    }

    /// As noise on what is shared leaves them.
    @Test func negativeVariancesCountAsZero() throws {
        var noisy = try StatisticsPropagationTests.statistics(1)
        noisy.withMutableValues { values in
            values[0] = -1
            values[3] = -0.5
        }
        let shared = try SharedStatistics(clean: noisy)
        #expect(shared.clean.values[0] == -1 && shared.clean.values[3] == 0)
        #expect(shared.clean.values[1...2] == noisy.values[1...2] && shared.clean.values[4...] == noisy.values[4...])
    }
}
