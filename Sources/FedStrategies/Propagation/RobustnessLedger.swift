// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// What workers have shared of the statistics of a model, which they keep, and what of it the others get: a `StatisticsLedger`
/// for each of the model's base networks, of which workers may train some only.
public struct RobustnessLedger: Equatable, Sendable {
    private let statistics: DualStatistics
    /// How many values a worker keeps of one base network.
    private let size: Int
    private var ledgers: [StatisticsLedger]

    /// Nothing was shared yet of a model of `bases` networks of one shape, of which a worker keeps tensors of the layout `own`.
    public init(own: ModelLayout, bases: Int = 1) {
        let base = own.base(of: bases)
        statistics = DualStatistics(base)
        size = base.count
        ledgers = [StatisticsLedger](repeating: StatisticsLedger(), count: bases)
    }

    /// Whether there is something to propagate of every base network.
    public var hasSources: Bool { ledgers.allSatisfy(\.hasSources) }

    /// Takes down what `worker` shares after `round` of what it keeps, `own`: the statistics of the base networks that it was
    /// asked to train by `scope`, those over attacked inputs if it `isAdversarial`.
    ///
    /// Throws `StrategyError.invalidState` for NaN and infinity, and then takes nothing down.
    public mutating func record(
        _ own: [Float], trained scope: UpdateScope, isAdversarial: Bool, of worker: WorkerID, after round: RoundID
    ) throws(StrategyError) {
        var shared: [(Int, SharedStatistics)] = []
        for base in scope.bases ?? Array(ledgers.indices) {
            shared.append((base, try statistics.shared(of: Array(own[range(of: base)]), isAdversarial: isAdversarial)))
        }
        for (base, statistics) in shared { ledgers[base].record(statistics, of: worker, after: round) }
    }

    /// Forgets all that `worker` has shared.
    public mutating func forget(_ worker: WorkerID) {
        for base in ledgers.indices { ledgers[base].forget(worker) }
    }

    /// Overwrites, among what `worker` keeps, the statistics over attacked inputs of every base network that it has none of its
    /// own for, by those that are propagated to it by `rule`; returns those, by base network.
    ///
    /// Throws `StrategyError.invalidState` where the ledger is that of another model.
    @discardableResult
    public func propagate(
        to worker: WorkerID, into own: inout [Float], by rule: StatisticsPropagation
    ) throws(StrategyError) -> [Int: StatisticsLedger.Propagated] {
        var all: [Int: StatisticsLedger.Propagated] = [:]
        for (base, ledger) in ledgers.enumerated() {
            guard let propagated = ledger.propagated(to: worker, by: rule) else { continue }
            let range = range(of: base)
            var values = Array(own[range])
            try statistics.replaceAdversarial(in: &values, by: propagated.adversarial)
            own.replaceSubrange(range, with: values)
            all[base] = propagated
        }
        return all
    }

    private func range(of base: Int) -> Range<Int> { base * size..<(base + 1) * size }
}
