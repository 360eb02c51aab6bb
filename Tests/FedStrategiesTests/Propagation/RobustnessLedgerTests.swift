// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStrategies
import Testing

@Suite struct RobustnessLedgerTests {
    private static let rule = StatisticsPropagation(weighting: .uniform)

    private static func worker(_ number: Int) throws -> WorkerID { try WorkerID("worker-\(number)") }

    private static func adversarial(of own: [Float], base: Int, of bases: Int) throws -> ParameterVector? {
        let layout = try DualStatisticsTests.layout()
        let values = Array(own[base * layout.count..<(base + 1) * layout.count])
        return try DualStatistics(layout).shared(of: values, isAdversarial: true).adversarial
    }

    @Test func oneNetworkIsOneLedger() throws {
        let layout = try DualStatisticsTests.layout()
        var ledger = RobustnessLedger(own: layout)
        let source = try DualStatisticsTests.values(1)
        var own = try DualStatisticsTests.values(2)
        try ledger.record(own, trained: .wholeModel, isAdversarial: false, of: Self.worker(2), after: RoundID(1))
        #expect(!ledger.hasSources)
        let before = own
        #expect(try ledger.propagate(to: Self.worker(2), into: &own, by: Self.rule).isEmpty && own == before)
        try ledger.record(source, trained: .wholeModel, isAdversarial: true, of: Self.worker(1), after: RoundID(1))
        #expect(ledger.hasSources)
        let propagated = try ledger.propagate(to: Self.worker(2), into: &own, by: Self.rule)
        #expect(try propagated[0]?.sources.map(\.worker) == [Self.worker(1)])
        let arrived = try Self.adversarial(of: own, base: 0, of: 1)
        #expect(try arrived == Self.adversarial(of: source, base: 0, of: 1))
        try ledger.forget(Self.worker(1))
        #expect(!ledger.hasSources)
    }

    /// Of base networks that a worker did not train it has statistics that say nothing; they are not shared.
    @Test func basesAreSharedByThoseWhoTrainedThem() throws {
        let layout = try DualStatisticsTests.layout(bases: 3)
        var ledger = RobustnessLedger(own: layout, bases: 3)
        let first = try DualStatisticsTests.values(1, bases: 3)
        let second = try DualStatisticsTests.values(2, bases: 3)
        try ledger.record(first, trained: .bases([0, 1]), isAdversarial: true, of: Self.worker(1), after: RoundID(1))
        #expect(!ledger.hasSources)
        try ledger.record(second, trained: .bases([1, 2]), isAdversarial: true, of: Self.worker(2), after: RoundID(1))
        #expect(ledger.hasSources)
        let initial = try DualStatisticsTests.values(3, bases: 3)
        var own = initial
        let propagated = try ledger.propagate(to: Self.worker(3), into: &own, by: Self.rule)
        let sources = try (0..<3).map { try #require(propagated[$0]).sources.map(\.worker) }
        #expect(try sources == [[1], [1, 2], [2]].map { try $0.map(Self.worker) })
        let arrived = try Self.adversarial(of: own, base: 2, of: 3)
        #expect(try arrived == Self.adversarial(of: second, base: 2, of: 3))
        // A worker that trains adversarially gets those of bases that it has not trained.
        own = first
        #expect(try ledger.propagate(to: Self.worker(1), into: &own, by: Self.rule).keys.sorted() == [2])
        #expect(own.prefix(2 * own.count / 3) == first.prefix(2 * own.count / 3))
        let third = try Self.adversarial(of: own, base: 2, of: 3)
        #expect(try third == Self.adversarial(of: second, base: 2, of: 3))
    }

    @Test func brokenStatisticsLeaveNoTrace() throws {
        let layout = try DualStatisticsTests.layout(bases: 2)
        var ledger = RobustnessLedger(own: layout, bases: 2)
        var values = try DualStatisticsTests.values(1, bases: 2)
        values[values.count - 1] = .infinity
        let before = ledger
        #expect(throws: StrategyError(.invalidState, "")) {
            try ledger.record(
                values, trained: .bases([0, 1]), isAdversarial: true, of: Self.worker(1), after: RoundID(1))
        }
        #expect(ledger == before)
    }
}
