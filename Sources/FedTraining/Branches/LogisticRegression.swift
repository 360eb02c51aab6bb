// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// A linear model of the logit of a probability, fitted by Newton's method (iteratively reweighted least squares; Hastie,
/// Tibshirani and Friedman, 2009, section 4.4.1).
package struct LogisticRegression {
    /// A row of features with what is known of it.
    package struct Example {
        let features: [Double]
        let isPositive: Bool
        /// How many examples it counts as, above 0.
        let weight: Double

        /// A row of features that counts as `weight` examples.
        package init(features: [Double], isPositive: Bool, weight: Double = 1) {
            self.features = features
            self.isPositive = isPositive
            self.weight = weight
        }
    }

    /// One weight for each feature.
    package let weights: [Double]
    /// What is added to their weighted sum.
    package let offset: Double

    private static let maximumSteps = 50
    /// The squared length of the weights of standardised features costs half of so much; so classes that features separate
    /// without error have finite weights, too.
    private static let penalty = 1.0

    /// Minimises the sum of log-losses plus ½ · `penalty` · ‖weights of standardised features‖².
    ///
    /// At least one example; all have as many features. The same examples in the same order give the same bits.
    package init(fittedTo examples: [Example]) {
        precondition(!examples.isEmpty, "a fit takes examples")
        let count = examples[0].features.count
        let total = examples.reduce(0) { $0 + $1.weight }
        var means = [Double](repeating: 0, count: count)
        var deviations = [Double](repeating: 0, count: count)
        for example in examples {
            for index in 0..<count { means[index] += example.weight * example.features[index] / total }
        }
        for example in examples {
            for index in 0..<count {
                let distance = example.features[index] - means[index]
                deviations[index] += example.weight * distance * distance / total
            }
        }
        // A feature that is the same for all says nothing, and has weight 0.
        deviations = deviations.map { $0 > 1e-20 ? $0.squareRoot() : 1 }
        // The last entry of a row, and of the weights, is that of the offset.
        let rows = examples.map { example in
            (0..<count).map { (example.features[$0] - means[$0]) / deviations[$0] } + [1]
        }
        let fitted = Self.minimise(rows, examples)
        weights = (0..<count).map { fitted[$0] / deviations[$0] }
        offset = (0..<count).reduce(fitted[count]) { $0 - fitted[$1] * means[$1] / deviations[$1] }
    }

    private static func minimise(_ rows: [[Double]], _ examples: [Example]) -> [Double] {
        var weights = [Double](repeating: 0, count: rows[0].count)
        var cost = cost(of: weights, rows, examples)
        for _ in 0..<maximumSteps {
            guard let step = step(from: weights, rows, examples) else { break }
            // Newton's step may go too far where the logistic function is flat.
            var length = 1.0
            var best: (weights: [Double], cost: Double)?
            while length > 1e-6, best == nil {
                let next = zip(weights, step).map { $0 - length * $1 }
                let reached = self.cost(of: next, rows, examples)
                if reached < cost { best = (next, reached) }
                length /= 2
            }
            guard let best else { break }
            let gain = cost - best.cost
            (weights, cost) = best
            if gain <= 1e-12 * cost { break }
        }
        return weights
    }

    private static func cost(of weights: [Double], _ rows: [[Double]], _ examples: [Example]) -> Double {
        var cost = weights.dropLast().reduce(0) { $0 + 0.5 * penalty * $1 * $1 }
        for (row, example) in zip(rows, examples) {
            let score = product(row, weights)
            let against = example.isPositive ? -score : score
            // ln(1 + e^a) without overflow.
            cost += example.weight * (max(against, 0) + fed_log(1 + fed_exp(-abs(against))))
        }
        return cost
    }

    /// The gradient times the inverse of the Hessian; nil where that does not exist up to rounding.
    private static func step(from weights: [Double], _ rows: [[Double]], _ examples: [Example]) -> [Double]? {
        let size = weights.count
        var gradient = weights.map { penalty * $0 }
        gradient[size - 1] = 0
        var hessian = [Double](repeating: 0, count: size * size)
        for index in 0..<size { hessian[index * size + index] = index == size - 1 ? 1e-9 : penalty }
        for (row, example) in zip(rows, examples) {
            let score = product(row, weights)
            let power = fed_exp(-abs(score))
            let probability = score > 0 ? 1 / (1 + power) : power / (1 + power)
            let error = example.weight * (probability - (example.isPositive ? 1 : 0))
            let curvature = example.weight * probability * (1 - probability)
            for index in 0..<size {
                gradient[index] += error * row[index]
                let factor = curvature * row[index]
                for other in 0...index { hessian[index * size + other] += factor * row[other] }
            }
        }
        return solution(of: hessian, gradient)
    }

    /// Solves A x = b by Cholesky's decomposition; of A, symmetric, only the lower half is read. nil unless A is positive definite.
    private static func solution(of matrix: [Double], _ right: [Double]) -> [Double]? {
        let size = right.count
        var factor = matrix
        for row in 0..<size {
            for column in 0...row {
                var value = factor[row * size + column]
                for index in 0..<column { value -= factor[row * size + index] * factor[column * size + index] }
                if column < row {
                    factor[row * size + column] = value / factor[column * size + column]
                } else {
                    guard value > 0, value.isFinite else { return nil }
                    factor[row * size + row] = value.squareRoot()
                }
            }
        }
        var result = right
        for row in 0..<size {
            for index in 0..<row { result[row] -= factor[row * size + index] * result[index] }
            result[row] /= factor[row * size + row]
        }
        for row in (0..<size).reversed() {
            for index in (row + 1)..<size { result[row] -= factor[index * size + row] * result[index] }
            result[row] /= factor[row * size + row]
        }
        return result
    }

    private static func product(_ left: [Double], _ right: [Double]) -> Double {
        var sum = 0.0
        for index in left.indices { sum += left[index] * right[index] }
        return sum
    }
}
