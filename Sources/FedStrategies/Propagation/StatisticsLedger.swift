// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// What workers last shared of their statistics, and what of it each of the others gets (FedRBN, Hong et al., AAAI 2023).
///
/// A value without clocks and connections: the same records in any order of workers give the same bits.
public struct StatisticsLedger: Equatable, Sendable {
    private struct Entry: Equatable {
        var statistics: SharedStatistics
        var round: RoundID
    }

    /// What each worker last shared.
    private var newest: [WorkerID: Entry] = [:]
    /// What workers that have stopped training adversarially shared when they last did.
    private var retired: [WorkerID: Entry] = [:]

    /// Nothing was shared yet.
    public init() {}

    /// What goes to a worker that does not train adversarially.
    public struct Propagated: Equatable, Sendable {
        /// Its statistics over attacked inputs, in the layout of those that were shared.
        public let adversarial: ParameterVector
        /// Who they are from, ascending, with a weight in [0, 1] each; the weights add up to 1.
        public let sources: [Source]
        /// Whether nobody trains adversarially any more, so that they are the last that are known.
        public let isLastKnown: Bool

        /// One of those that they are from.
        public struct Source: Equatable, Sendable {
            /// Who.
            public let worker: WorkerID
            /// How much it counts.
            public let weight: Double
            /// The round after which it shared them.
            public let round: RoundID
        }
    }

    /// Takes down what `worker` shared after `round`.
    ///
    /// A worker that no longer trains adversarially is no source any more, unless there is no other.
    public mutating func record(_ statistics: SharedStatistics, of worker: WorkerID, after round: RoundID) {
        let before = newest.updateValue(Entry(statistics: statistics, round: round), forKey: worker)
        if statistics.adversarial != nil {
            retired[worker] = nil
        } else if let before, before.statistics.adversarial != nil {
            retired[worker] = before
        }
    }

    /// Forgets all that `worker` has shared: it does not agree to it any more.
    public mutating func forget(_ worker: WorkerID) {
        newest[worker] = nil
        retired[worker] = nil
    }

    /// Whether there is something to propagate to those who have shared no adversarial statistics.
    public var hasSources: Bool {
        !retired.isEmpty || newest.values.contains { $0.statistics.adversarial != nil }
    }

    /// The adversarial statistics for `worker`, by `rule`; nil where nobody has ever trained adversarially, and for a worker that
    /// does so itself.
    ///
    /// A worker that has shared nothing itself, such as one that has just joined, gets the plain mean.
    public func propagated(to worker: WorkerID, by rule: StatisticsPropagation) -> Propagated? {
        guard newest[worker]?.statistics.adversarial == nil else { return nil }
        let active = newest.filter { $0.value.statistics.adversarial != nil }
        let sources = (active.isEmpty ? retired : active).sorted { $0.key < $1.key }
        guard !sources.isEmpty else { return nil }
        let weights = rule.weights(
            of: sources.map(\.value.statistics.clean), for: newest[worker]?.statistics.clean)
        return Propagated(
            adversarial: StatisticsPropagation.mean(
                of: sources.compactMap(\.value.statistics.adversarial), by: weights),
            sources: zip(sources, weights).map { source, weight in
                Propagated.Source(worker: source.key, weight: weight, round: source.value.round)
            }, isLastKnown: active.isEmpty)
    }
}
