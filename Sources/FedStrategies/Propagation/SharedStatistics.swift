// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Running means and variances of batch normalisation that a worker has agreed to share.
public struct SharedStatistics: Equatable, Sendable {
    /// Those over clean inputs, tensor by tensor in layout order.
    public let clean: ParameterVector
    /// Those over attacked inputs, a tensor for each of `clean`; nil of a worker that does not train adversarially, or has not
    /// done so yet: what a model begins with says nothing of attacks.
    public let adversarial: ParameterVector?

    /// What a worker sent; a variance below 0, as noise or rounding may leave it, counts as 0.
    ///
    /// Throws `StrategyError.invalidState` for NaN, infinity, and adversarial statistics of other shapes than the clean ones.
    public init(clean: ParameterVector, adversarial: ParameterVector? = nil) throws(StrategyError) {
        guard clean.isFinite, adversarial?.isFinite ?? true else {
            throw StrategyError(.invalidState, "shared statistics hold NaN or infinity")
        }
        let shapes = clean.layout.parameters.map(\.shape)
        guard adversarial == nil || adversarial?.layout.parameters.map(\.shape) == shapes else {
            throw StrategyError(
                .invalidState, "shared statistics have other shapes for attacked inputs than for clean ones")
        }
        self.clean = Self.withoutNegativeVariances(clean)
        self.adversarial = adversarial.map(Self.withoutNegativeVariances)
    }

    private static func withoutNegativeVariances(_ statistics: ParameterVector) -> ParameterVector {
        var statistics = statistics
        let layout = statistics.layout
        statistics.withMutableValues { values in
            for (parameter, segment) in zip(layout.parameters, layout.segments) where parameter.isVariance {
                for index in segment { values[index] = max(0, values[index]) }
            }
        }
        return statistics
    }
}
