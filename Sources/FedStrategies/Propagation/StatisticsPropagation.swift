// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
internal import Foundation

/// How adversarial statistics get from workers that train adversarially to one that does not: as their weighted mean, with
/// one weight α for all layers (FedRBN, Hong et al., AAAI 2023, section 4.1).
///
/// With the cosine similarity s of two workers' *clean* statistics, averaged over means and variances of all layers,
/// α = softmax(s / T). The weights add up to 1: the poster's equation 3 divides by their number once more, which would shrink
/// the statistics.
public struct StatisticsPropagation: Hashable, Sendable {
    /// What decides the weights.
    public enum Weighting: String, NamedChoice, Sendable {
        /// How similar the clean statistics are.
        case cosine
        /// Nothing: all are alike.
        case uniform
    }

    /// What decides the weights.
    public let weighting: Weighting
    /// T, above 0: the smaller, the more the most similar worker counts.
    public let temperature: Double

    /// The paper's weights, unless said otherwise.
    public init(weighting: Weighting = .cosine, temperature: Double = 0.01) {
        precondition(temperature > 0 && temperature.isFinite, "a temperature is above 0")
        self.weighting = weighting
        self.temperature = temperature
    }

    /// How much each of `sources`, at least one, counts for a receiver, by the clean statistics of both; in [0, 1], in their
    /// order, adding up to 1.
    ///
    /// All count alike for a receiver whose clean statistics are not known. Another order of the sources gives the same bits
    /// in that order, and sources of equal statistics have equal weights to the bit.
    public func weights(of sources: [ParameterVector], for receiver: ParameterVector?) -> [Double] {
        precondition(!sources.isEmpty, "somebody trains adversarially")
        guard weighting == .cosine, let receiver else {
            return [Double](repeating: 1 / Double(sources.count), count: sources.count)
        }
        let similarities = sources.map { Self.similarity(of: $0, to: receiver) }
        let largest = similarities.reduce(-1, max)
        let shares = similarities.map { exp(($0 - largest) / temperature) }
        let sum = shares.sorted().reduce(0, +)
        return shares.map { $0 / sum }
    }

    /// The mean over all tensors of their cosine similarity, in [-1, 1]; with a mean and a variance for each layer that is
    /// the mean over layers of ½[cos(μ, μ′) + cos(σ², σ²′)].
    ///
    /// Two tensors of zeros are alike, and one of zeros has nothing in common with any other.
    static func similarity(of one: ParameterVector, to other: ParameterVector) -> Double {
        let layout = one.layout
        precondition(layout == other.layout && !layout.segments.isEmpty, "statistics of the same layers")
        let sum = layout.segments.reduce(0.0) { sum, segment in
            var (product, square, otherSquare) = (0.0, 0.0, 0.0)
            for index in segment {
                let (value, otherValue) = (Double(one.values[index]), Double(other.values[index]))
                product += value * otherValue
                square += value * value
                otherSquare += otherValue * otherValue
            }
            guard square > 0, otherSquare > 0 else { return sum + (square == otherSquare ? 1 : 0) }
            return sum + min(1, max(-1, product / (square.squareRoot() * otherSquare.squareRoot())))
        }
        return sum / Double(layout.segments.count)
    }

    /// The sum of `statistics`, at least one and all of one layout, each times its weight; with weight 1 the same bits.
    static func mean(of statistics: [ParameterVector], by weights: [Double]) -> ParameterVector {
        precondition(statistics.count == weights.count && !statistics.isEmpty, "a weight for each")
        var mean = statistics[0]
        precondition(statistics.allSatisfy { $0.layout == mean.layout }, "statistics of the same layers")
        mean.withMutableValues { values in
            for index in values.indices {
                var sum = 0.0
                for (statistics, weight) in zip(statistics, weights) {
                    sum += weight * Double(statistics.values[index])
                }
                values[index] = Float(sum)
            }
        }
        return mean
    }
}
