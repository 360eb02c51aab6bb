// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// FedAdam, FedYogi and FedAdagrad: m ← β₁m + (1 − β₁)Δ, θ ← (1 − ηλ)θ + η·m / (√v + ε).
///
/// Reddi et al., ICLR 2021, algorithm 2, with ε for τ: m starts at 0, v at ε², and no bias is corrected. They are kept
/// as `optimizer.mean` and `optimizer.square`.
struct AdaptiveServerOptimizer: ServerOptimizer {
    /// How v follows Δ².
    enum Accumulation {
        /// Adam: v ← β₂v + (1 − β₂)Δ².
        case mean
        /// Yogi: v ← v − (1 − β₂)Δ²·sign(v − Δ²).
        case signed
        /// Adagrad: v ← v + Δ².
        case sum
    }

    static let mean = "optimizer.mean"
    static let square = "optimizer.square"

    private let rule: ServerOptimizerSpec
    private let accumulation: Accumulation

    /// Steps by `rule`, which must be valid.
    init(_ rule: ServerOptimizerSpec, accumulation: Accumulation) {
        precondition(rule.learningRate > 0 && rule.epsilon > 0, "a learning rate and ε are above 0")
        self.rule = rule
        self.accumulation = accumulation
    }

    var name: String { rule.name.rawValue }

    func step(
        _ model: inout ServerModel, change: [Float], rateScale: Float, in ranges: [Range<Int>]
    ) throws(StrategyError) {
        var mean = try model.take(Self.mean, initial: 0)
        var square = try model.take(Self.square, initial: rule.epsilon * rule.epsilon)
        let rate = rule.learningRate * rateScale
        model.shrink(by: rate * rule.weightDecay, in: ranges)
        let (beta, rest, epsilon) = (rule.beta1, 1 - rule.beta1, rule.epsilon)
        model.parameters.withMutableValues { values in
            mean.withUnsafeMutableBufferPointer { mean in
                square.withUnsafeMutableBufferPointer { square in
                    change.withUnsafeBufferPointer { change in
                        for range in ranges {
                            accumulate(square, change, range)
                            for index in range {
                                mean[index] = beta * mean[index] + rest * change[index]
                                values[index] += rate * mean[index] / (square[index].squareRoot() + epsilon)
                            }
                        }
                    }
                }
            }
        }
        model.state[Self.mean] = mean
        model.state[Self.square] = square
    }

    private func accumulate(
        _ square: UnsafeMutableBufferPointer<Float>, _ change: UnsafeBufferPointer<Float>, _ range: Range<Int>
    ) {
        let (beta, rest) = (rule.beta2, 1 - rule.beta2)
        switch accumulation {
        case .mean:
            for index in range { square[index] = beta * square[index] + rest * (change[index] * change[index]) }
        case .signed:
            for index in range {
                let squared = change[index] * change[index]
                let step = rest * squared
                let old = square[index]
                square[index] = old > squared ? old - step : (old < squared ? old + step : old)
            }
        case .sum:
            for index in range { square[index] += change[index] * change[index] }
        }
    }
}
