// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
package import FedStrategies

/// How exact the sums of a round are.
extension RunConfig {
    /// Where fewer bits are left behind the binary point, the run says so.
    package static let fewFractionBits = 22

    /// How many bits behind the binary point the sums of so many updates keep: what is below half of the last one
    /// counts as 0. Nil where updates are not added up.
    ///
    /// Throws `CoordinatorError.tooManyExamples` where fewer bits are left than sums can do with.
    package func fractionBits(ofSumsOf updates: Int) throws(CoordinatorError) -> Int? {
        guard let mean = strategy.aggregator.aggregator as? WeightedMeanAggregator else { return nil }
        let bound = sumWeighting.bound(updates: updates, examplesPerWorker: limits.examplesPerWorker)
        do {
            return try FixedPointAccumulator.fractionBits(valueBound: mean.valueBound, weightBound: bound)
        } catch {
            let most = examplesPerWorker(leaving: FixedPointAccumulator.leastFractionBits, ofSumsOf: updates)
            throw CoordinatorError(
                .tooManyExamples,
                "limits.examplesPerWorker: exact sums have no room for \(updates) updates in a round, each of up to "
                    + "\(limits.examplesPerWorker) examples; set it to \(most) or less, or strategy.weighting to "
                    + "uniform"
            )
        }
    }

    /// The largest `limits.examplesPerWorker` with which sums of so many updates keep so many bits, at least 1.
    package func examplesPerWorker(leaving bits: Int, ofSumsOf updates: Int) -> Int {
        let each = sumWeighting.bound(updates: updates, examplesPerWorker: 1)
        return max(1, Int(FixedPointAccumulator.weightBound(leaving: bits) / each))
    }

    /// What is to be said of the sums of so many updates, if anything; throws as `fractionBits` does.
    package func coarseSums(of updates: Int) throws(CoordinatorError) -> CoordinatorEvent? {
        guard let bits = try fractionBits(ofSumsOf: updates), bits < Self.fewFractionBits else { return nil }
        return .coarseSums(
            fractionBits: bits, updates: updates,
            examplesPerWorker: examplesPerWorker(leaving: Self.fewFractionBits, ofSumsOf: updates))
    }

    /// What the updates of a round weigh in its sums.
    package var sumWeighting: StalenessWeighting {
        StalenessWeighting(strategy.weighting, foldsLate: cohort.late == .fold)
    }

    /// The workers that a run waits for fit into a sum.
    func validateSums() throws(ConfigurationError) {
        let workers = cohort.minimumWorkers
        let asked = Strategy.quorum(share: cohort.overSelection, of: cohortSize(of: workers))
        do {
            _ = try fractionBits(ofSumsOf: min(asked, workers, largestCohort))
        } catch {
            throw ConfigurationError(.invalid, error.message)
        }
    }
}
