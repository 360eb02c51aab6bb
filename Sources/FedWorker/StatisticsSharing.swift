// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore
internal import FedTraining
internal import Foundation

/// A worker's consent to share statistics of its batch normalisation with others, through the coordinator.
public struct StatisticsSharing: Hashable, Sendable {
    /// How much noise is on what is shared, at least 0: the standard deviation of what is added to each mean, in multiples of the
    /// root mean square of its tensor, and of what is added to the logarithm of each variance.
    public let noise: Double

    /// A consent, with noise or without.
    public init(noise: Double = 0) {
        precondition(noise >= 0 && noise.isFinite, "noise has a finite deviation")
        self.noise = noise
    }

    /// What a worker shares whose own values are `own`, of the layout `layout`; with statistics over attacked inputs if it
    /// `isAdversarial`. The same generator gives the same noise.
    package func statistics(
        of own: [Float], layout: ModelLayout, isAdversarial: Bool, generator: SeededGenerator
    ) -> WorkerStatistics {
        var generator = generator
        let clean = noisy(ModelParts(layout, keeping: [.cleanStatistics]), of: own, &generator)
        guard isAdversarial else { return WorkerStatistics(clean: clean) }
        return WorkerStatistics(
            clean: clean,
            adversarial: noisy(ModelParts(layout, keeping: [.adversarialStatistics]), of: own, &generator))
    }

    private func noisy(_ part: ModelParts, of own: [Float], _ generator: inout SeededGenerator) -> [Float] {
        var values = part.own(of: own)
        guard noise > 0 else { return values }
        for (parameter, segment) in zip(part.own.parameters, part.own.segments) {
            let square = segment.reduce(0.0) { $0 + Double(values[$1]) * Double(values[$1]) }
            let deviation = noise * (square / Double(segment.count)).squareRoot()
            for index in segment {
                let sample = NormalDistribution.sample(using: &generator)
                let value = Double(values[index])
                values[index] = Float(parameter.isVariance ? value * exp(noise * sample) : value + deviation * sample)
            }
        }
        return values
    }
}
