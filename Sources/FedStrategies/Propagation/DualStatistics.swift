// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Where the two sets of running statistics lie among the values of a network with dual batch normalisation, or among those of
/// it that stay with a worker (FedRBN, Hong et al., AAAI 2023, section 4.1).
public struct DualStatistics: Hashable, Sendable {
    private let clean: ModelParts
    private let adversarial: ModelParts

    /// Looks for them in `layout`; both sets have tensors of the same shapes there.
    public init(_ layout: ModelLayout) {
        clean = ModelParts(layout, keeping: [.cleanStatistics])
        adversarial = ModelParts(layout, keeping: [.adversarialStatistics])
        precondition(
            clean.own.parameters.map(\.shape) == adversarial.own.parameters.map(\.shape) && !clean.isWhole,
            "a dual batch norm has two sets of the same shapes")
    }

    /// The tensors over clean inputs.
    public var cleanLayout: ModelLayout { clean.own }
    /// The tensors over attacked inputs.
    public var adversarialLayout: ModelLayout { adversarial.own }

    /// What a worker shares whose values are `values`, in the order of the layout: with statistics over attacked inputs if it
    /// `isAdversarial`, that is, has trained on some.
    ///
    /// Throws `StrategyError.invalidState` for NaN and infinity.
    public func shared(of values: [Float], isAdversarial: Bool) throws(StrategyError) -> SharedStatistics {
        try SharedStatistics(
            clean: vector(clean, of: values), adversarial: isAdversarial ? vector(adversarial, of: values) : nil)
    }

    /// Overwrites the statistics over attacked inputs among `values` by `statistics`; all else stays.
    ///
    /// Throws `StrategyError.invalidState` for tensors of other shapes.
    public func replaceAdversarial(
        in values: inout [Float], by statistics: ParameterVector
    ) throws(StrategyError) {
        guard statistics.layout.parameters.map(\.shape) == adversarialLayout.parameters.map(\.shape) else {
            throw StrategyError(
                .invalidState, "propagated statistics have other shapes than those of the model's batch norms")
        }
        values = adversarial.joined(adversarial.travelling(of: values), own: statistics.values)
    }

    /// The values of the tensors over attacked inputs among `values`.
    public func adversarial(of values: [Float]) -> [Float] { adversarial.own(of: values) }

    /// `values` with other statistics, as many as the layouts count.
    public func values(like values: [Float], clean: [Float], adversarial: [Float]?) -> [Float] {
        let values = self.clean.joined(self.clean.travelling(of: values), own: clean)
        guard let adversarial else { return values }
        return self.adversarial.joined(self.adversarial.travelling(of: values), own: adversarial)
    }

    private func vector(_ part: ModelParts, of values: [Float]) -> ParameterVector {
        guard let vector = try? ParameterVector(layout: part.own, values: part.own(of: values)) else {
            preconditionFailure("a part has as many values as its layout counts")
        }
        return vector
    }
}
