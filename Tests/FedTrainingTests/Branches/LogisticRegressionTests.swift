// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTraining
import Foundation
import Testing

@Suite struct LogisticRegressionTests {
    typealias Example = LogisticRegression.Example

    /// Without a feature that says anything the offset is the logit of the share of positive examples.
    @Test func theOffsetIsTheLogitOfTheShare() {
        let examples = (0..<10).map { Example(features: [3], isPositive: $0 < 2, weight: $0 < 2 ? 0.5 : 1) }
        let fit = LogisticRegression(fittedTo: examples)
        #expect(fit.weights == [0])
        #expect(abs(fit.offset - log(1.0 / 8)) < 1e-6)
    }

    /// Where the gradient is zero: Σ s (p − y) = 0, and Σ s (p − y) x = −w for the standardised feature.
    @Test func theGradientIsZeroAtTheFit() {
        let values = [-2.0, -1, -0.5, 0, 0.25, 1, 1.5, 3]
        let examples = values.enumerated().map { index, value in
            Example(
                features: [10 + 4 * value, 5], isPositive: value > 0 || index == 1,
                weight: index.isMultiple(of: 2) ? 2 : 1)
        }
        let fit = LogisticRegression(fittedTo: examples)
        let weights = values.indices.map { $0.isMultiple(of: 2) ? 2.0 : 1 }
        let total = weights.reduce(0, +)
        let mean = zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 } / total
        let variance = zip(values, weights).reduce(0) { $0 + ($1.0 - mean) * ($1.0 - mean) * $1.1 } / total
        let deviation = variance.squareRoot()
        var sums = [0.0, 0.0]
        for (index, value) in values.enumerated() {
            let score = fit.offset + fit.weights[0] * (10 + 4 * value)
            let error = weights[index] * (1 / (1 + exp(-score)) - (value > 0 || index == 1 ? 1 : 0))
            sums[0] += error
            sums[1] += error * (value - mean) / deviation
        }
        let standardised = fit.weights[0] * 4 * deviation
        #expect(standardised > 0.1 && fit.weights[1] == 0)
        #expect(abs(sums[0]) < 1e-5)
        #expect(abs(sums[1] + standardised) < 1e-5)
    }

    /// Classes that lie apart have finite weights, the same for the same examples.
    @Test func separableClassesHaveFiniteWeights() {
        let examples = (0..<40).map { Example(features: [Double($0), Double($0 % 3)], isPositive: $0 >= 20) }
        let fit = LogisticRegression(fittedTo: examples)
        let again = LogisticRegression(fittedTo: examples)
        #expect(fit.weights == again.weights && fit.offset == again.offset)
        #expect(fit.weights.allSatisfy(\.isFinite) && fit.offset.isFinite)
        for example in 0..<40 where abs(Double(example) - 19.5) > 1 {
            let score = fit.offset + fit.weights[0] * Double(example) + fit.weights[1] * Double(example % 3)
            #expect((score > 0) == (example >= 20))
        }
    }
}
