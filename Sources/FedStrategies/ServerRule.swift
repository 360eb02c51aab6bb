// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// How a change makes the next model: the server's optimiser with its schedule.
///
/// The same bits wherever it is applied: the coordinator uses it, and workers that are sent steps.
public struct ServerRule: Sendable {
    /// How a change becomes a step.
    public let optimizer: any ServerOptimizer
    /// What the optimiser's learning rate is multiplied by, round by round.
    public let schedule: ScheduleSpec
    /// How many rounds the run has, at least 1.
    public let rounds: Int
    /// After so many rounds only statistics move.
    public let trained: Int

    /// A rule for a run of `rounds`, of which the first `trained` train, or all.
    public init(
        optimizer: any ServerOptimizer, schedule: ScheduleSpec = ScheduleSpec(), rounds: Int, trained: Int? = nil
    ) {
        precondition(rounds >= 1, "a run has a round")
        self.trained = trained ?? rounds
        self.optimizer = optimizer
        self.schedule = schedule
        self.rounds = rounds
    }

    /// Makes the model of `round`, counted from 1, out of the mean change of its workers.
    ///
    /// `change`, with as many values as the model, goes through the optimiser; statistics are added as they are: running
    /// means and variances are estimates, not steps, and move by the mean change itself, whatever the optimiser. Throws
    /// `StrategyError.nonFiniteModel` when the result holds NaN or infinity and `.invalidState`; the model is then not
    /// to be used any more. Where `parts` are given, only tensors within them move, to the bit, and what is remembered of them.
    public func advance(
        _ model: inout ServerModel, by change: [Float], round: RoundID, in parts: [Range<Int>]? = nil
    ) throws(StrategyError) {
        let layout = model.parameters.layout
        precondition(change.count == layout.count, "as many changes as parameters")
        let parts = parts ?? [0..<layout.count]
        if round.rawValue <= trained {
            try optimizer.step(
                &model, change: change, rateScale: schedule.scale(round.rawValue - 1, of: rounds),
                in: layout.trainedRanges(in: parts))
        }
        model.addStatistics(of: change, in: parts)
        try model.checkFinite()
    }
}

extension ServerModel {
    /// Adds what changes the running statistics; a variance stays at 0 or above whatever rounding does to it.
    mutating func addStatistics(of change: [Float], in parts: [Range<Int>]) {
        let layout = parameters.layout
        parameters.withMutableValues { values in
            for (parameter, segment) in zip(layout.parameters, layout.segments)
            where parameter.role.isStatistics && parts.contains(where: { $0.contains(segment.lowerBound) }) {
                let isVariance = parameter.isVariance
                for index in segment {
                    let next = values[index] + change[index]
                    values[index] = isVariance ? max(0, next) : next
                }
            }
        }
    }

    /// Throws `StrategyError.nonFiniteModel` where the model holds NaN or infinity.
    func checkFinite() throws(StrategyError) {
        guard parameters.isFinite else {
            throw StrategyError(
                .nonFiniteModel, "the new model would hold NaN or infinity: lower the server's learning rate")
        }
    }
}

extension ModelLayout {
    /// Everything but statistics, neighbouring tensors as one range of the flat vector.
    var trainedRanges: [Range<Int>] { trainedRanges(in: [0..<count]) }

    /// The same of the tensors that lie in `parts`, none of which ends within one.
    func trainedRanges(in parts: [Range<Int>]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for (parameter, segment) in zip(parameters, segments)
        where !parameter.role.isStatistics && parts.contains(where: { $0.contains(segment.lowerBound) }) {
            if let last = ranges.last, last.upperBound == segment.lowerBound {
                ranges[ranges.count - 1] = last.lowerBound..<segment.upperBound
            } else {
                ranges.append(segment)
            }
        }
        return ranges
    }
}
