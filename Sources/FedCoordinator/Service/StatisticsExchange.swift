// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore
internal import FedStore
package import FedStrategies

/// What workers have shared of the statistics of their batch normalisation, and what of it others get (FedRBN, Hong et al.,
/// AAAI 2023, section 4.1).
///
/// A value that the records of the committed rounds make: a coordinator that was restarted sends the same.
package struct StatisticsExchange {
    /// What one worker shared with one update.
    package struct Record: Codable, Equatable {
        package var worker: WorkerID
        package var round: RoundID
        package var scope: UpdateScope
        package var statistics: WorkerStatistics

        package init(worker: WorkerID, round: RoundID, scope: UpdateScope, statistics: WorkerStatistics) {
            self.worker = worker
            self.round = round
            self.scope = scope
            self.statistics = statistics
        }
    }

    /// No mean or variance is larger.
    private static let largest: Float = 1e6

    private let rule: StatisticsPropagation
    private let bases: Int
    /// What a worker keeps that has trained nothing yet.
    private let initialOwn: [Float]
    private let layout: DualStatistics
    private var ledger: RobustnessLedger
    /// The records that the ledger rests on, oldest first.
    package private(set) var records: [Record] = []

    /// Nothing was shared yet; nil where `strategy` propagates nothing.
    package init?(_ strategy: Strategy, model: CentralModel, bases: Int) {
        guard let propagation = strategy.adversarialTraining?.propagation else { return nil }
        rule = propagation.rule
        self.bases = bases
        initialOwn = model.initialOwn
        layout = DualStatistics(model.parts.own)
        ledger = RobustnessLedger(own: model.parts.own, bases: bases)
    }

    /// Whether there is something to propagate.
    var hasSources: Bool { ledger.hasSources }

    /// Whether `worker` has shared anything.
    func knows(_ worker: WorkerID) -> Bool { records.contains { $0.worker == worker } }

    /// The workers that have shared something.
    var workers: Set<WorkerID> { Set(records.map(\.worker)) }

    /// The last round in which somebody trained adversarially and shared; nil where nobody ever has.
    var newestAdversarial: RoundID? { records.filter { $0.statistics.adversarial != nil }.map(\.round).max() }

    /// Why what a worker shares cannot be used; nil where it can.
    func refusal(of statistics: WorkerStatistics) -> UpdateRefusal? {
        guard statistics.clean.count == layout.cleanLayout.count,
            statistics.adversarial.map({ $0.count == layout.adversarialLayout.count }) ?? true
        else {
            return .init(
                .badMetrics,
                "the shared statistics are not those of the model's \(layout.cleanLayout.count) means and variances")
        }
        // Others compute with them: what is out of all proportion would stop their training.
        let values = statistics.clean + (statistics.adversarial ?? [])
        guard values.allSatisfy({ abs($0) <= Self.largest }) else {
            return .init(.badMetrics, "the shared statistics hold NaN, infinity or values beyond \(Int(Self.largest))")
        }
        return nil
    }

    /// Takes down what the updates of a committed round share, in the order of workers, late ones by the round they were made in;
    /// nothing of workers that have withdrawn.
    mutating func record(_ ledger: RoundLedger, except withdrawn: Set<WorkerID>) throws {
        let updates =
            ledger.folded.values.map { (round: $0.round, update: $0.update) }
            + ledger.accepted.values.map { (round: ledger.round, update: $0) }
        for (round, update) in updates.sorted(by: { ($0.round, $0.update.worker) < ($1.round, $1.update.worker) }) {
            guard let statistics = update.statistics, !withdrawn.contains(update.worker) else { continue }
            let scope = update.bases.map(UpdateScope.bases) ?? .wholeModel
            try take(Record(worker: update.worker, round: round, scope: scope, statistics: statistics))
        }
    }

    /// Takes up where a coordinator stopped that had these records.
    package mutating func restore(_ records: [Record]) throws {
        for record in records {
            guard refusal(of: record.statistics) == nil, record.scope.isValid(bases: bases) else {
                throw StoreError(
                    .corrupt, "the statistics that \(record.worker) has shared are not those of this run's model")
            }
            try take(record)
        }
    }

    private mutating func take(_ record: Record) throws {
        let own = layout.values(
            like: initialOwn, clean: record.statistics.clean, adversarial: record.statistics.adversarial)
        try ledger.record(
            own, trained: record.scope, isAdversarial: record.statistics.adversarial != nil, of: record.worker,
            after: record.round)
        records.append(record)
        forgetOutdated(of: record.worker)
    }

    /// Forgets what `worker` has shared: it does not agree to it any more.
    package mutating func forget(_ worker: WorkerID) {
        ledger.forget(worker)
        records.removeAll { $0.worker == worker }
    }

    /// The ledger asks for a worker's newest record of each base network, and for its newest over attacked inputs.
    private mutating func forgetOutdated(of worker: WorkerID) {
        var (seen, seenAdversarial): (Set<Int>, Set<Int>) = ([], [])
        var kept: [Record] = []
        for record in records.reversed() {
            guard record.worker == worker else {
                kept.append(record)
                continue
            }
            let bases = Set(record.scope.bases ?? Array(0..<bases))
            let isAdversarial = record.statistics.adversarial != nil
            if !bases.isSubset(of: seen) || (isAdversarial && !bases.isSubset(of: seenAdversarial)) {
                kept.append(record)
            }
            seen.formUnion(bases)
            if isAdversarial { seenAdversarial.formUnion(bases) }
        }
        records = kept.reversed()
    }

    /// The base networks that `worker` has adversarial statistics of its own for, which are not replaced.
    private func ownBases(of worker: WorkerID) -> Set<Int> {
        let own = records.filter { $0.worker == worker && $0.statistics.adversarial != nil }
        return Set(own.flatMap { $0.scope.bases ?? Array(0..<bases) })
    }

    /// What goes out of an assignment, and the statistics over attacked inputs with it: nil for a worker that trains adversarially,
    /// where there is nothing for it that it has not itself, and where some base network would be left with what a network begins
    /// with. Without statistics for all of them nothing is calibrated.
    package func outgoing(_ assignment: WorkerAssignment) throws -> (assignment: WorkerAssignment, statistics: [Float]?)
    {
        guard assignment.training.adversarialTerm == nil else { return (assignment, nil) }
        var own = initialOwn
        for record in records where record.worker == assignment.worker {
            let shared = layout.values(
                like: own, clean: record.statistics.clean, adversarial: record.statistics.adversarial)
            let size = own.count / bases
            for base in record.scope.bases ?? Array(0..<bases) {
                own.replaceSubrange(base * size..<(base + 1) * size, with: shared[base * size..<(base + 1) * size])
            }
        }
        let propagated = try ledger.propagate(to: assignment.worker, into: &own, by: rule)
        guard Set(propagated.keys).union(ownBases(of: assignment.worker)).count < bases else {
            return (assignment, propagated.isEmpty ? nil : layout.adversarial(of: own))
        }
        var assignment = assignment
        assignment.training.objective.removeAll { if case .calibration = $0 { true } else { false } }
        return (assignment, nil)
    }
}
