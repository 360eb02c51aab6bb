// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCore
internal import FedStrategies

extension RunConfig {
    /// What a round's updates are made into, the way they travel, and the workers that there are go together.
    func validateAggregator(for vocabulary: Vocabulary) throws(ConfigurationError) {
        let name = strategy.aggregator.name
        guard name != .weightedMean else { return }
        func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(ConfigurationError) {
            guard condition else { throw ConfigurationError(.invalid, message()) }
        }
        try require(
            DownlinkKind(downlink.codec) != .gradients,
            "downlink.codec: ternary-sum carries the mean of the updates, which \(name.rawValue) does not make; choose "
                + "another downlink.codec, or the aggregator weighted-mean")
        try require(
            name != .signVote || !vocabulary.normalizedArchitectures.contains(model.architecture),
            "strategy.aggregator: sign-vote moves everything by the same step, and \(model.architecture) has running "
                + "statistics, which are not steps; choose another aggregator, or an architecture without batch "
                + "normalisation")
        let needed = strategy.aggregator.aggregator.minimumUpdates
        let cohortSize = cohortSize(of: cohort.minimumWorkers)
        try require(
            cohortSize >= needed,
            "strategy.aggregator: \(name.rawValue) with these settings needs \(needed) updates a round, and of "
                + "cohort.minimumWorkers \(cohort.minimumWorkers) take part; set cohort.minimumWorkers to "
                + "\(smallestCohortPool) or more, or expect fewer attackers")
    }

    /// The fewest connected workers of which so many take part as the aggregator needs.
    var smallestCohortPool: Int {
        let needed = strategy.aggregator.aggregator.minimumUpdates
        guard needed > 1 else { return 1 }
        var pool = max(needed, Int((Double(needed) / cohort.fraction).rounded()))
        while pool > needed, cohortSize(of: pool - 1) >= needed { pool -= 1 }
        while cohortSize(of: pool) < needed { pool += 1 }
        return pool
    }

    /// No round has more workers: the sums of ternary updates are made for so many.
    package var largestCohort: Int {
        DownlinkKind(downlink.codec) == .gradients ? TernarySumCodec.maximumUpdates : .max
    }

    func cohortSize(of workers: Int) -> Int {
        UniformSampler(fraction: cohort.fraction).cohortSize(available: workers)
    }
}
