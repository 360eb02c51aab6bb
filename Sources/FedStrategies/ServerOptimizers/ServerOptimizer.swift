// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Makes the next model from the last one and the aggregated change.
///
/// The change Δ is a pseudo-gradient with the opposite sign: it points where the workers went (Reddi et al., ICLR 2021,
/// algorithm 2, Δ_t). A step is a function of its arguments alone and takes single IEEE operations in a fixed order, so
/// that everybody who takes the same steps holds the same bits.
public protocol ServerOptimizer: Sendable {
    /// The registered name.
    var name: String { get }

    /// Steps within `ranges`, ascending stretches of the flat vector, and leaves the rest of it alone.
    ///
    /// `change` has as many values as the model; `rateScale` in [0, 1] multiplies the learning rate. Moments are kept in the
    /// model's state under names that start with `optimizer.`; vectors of that name that are not there are the initial
    /// ones. Throws `StrategyError.invalidState` for moments of another length.
    func step(
        _ model: inout ServerModel, change: [Float], rateScale: Float, in ranges: [Range<Int>]
    ) throws(StrategyError)
}

extension ServerOptimizerSpec {
    /// The optimiser that these settings, which must be valid, describe.
    public var optimizer: any ServerOptimizer {
        switch name {
        case .sgd: ServerSGD(self)
        case .adam: AdaptiveServerOptimizer(self, accumulation: .mean)
        case .yogi: AdaptiveServerOptimizer(self, accumulation: .signed)
        case .adagrad: AdaptiveServerOptimizer(self, accumulation: .sum)
        }
    }
}

extension ServerModel {
    /// θ ← θ − rλθ within `ranges`; nothing happens where `decay`, which is rλ, is 0.
    mutating func shrink(by decay: Float, in ranges: [Range<Int>]) {
        guard decay != 0 else { return }
        parameters.withMutableValues { values in
            for range in ranges {
                for index in range { values[index] -= decay * values[index] }
            }
        }
    }
}
