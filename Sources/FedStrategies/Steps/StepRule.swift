// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// How a step that travelled makes the next model: the one function that coordinator and workers share, so that their
/// models are equal to the bit.
///
/// Steps are taken one by one and never summed before: sums of floats depend on their order, and a worker that missed some
/// steps would end with other bits.
public struct StepRule: Sendable {
    /// What a step is.
    public let kind: DownlinkKind
    private let rule: ServerRule

    /// Steps of `kind`, of which `gradients` go through `rule`.
    public init(_ kind: DownlinkKind, rule: ServerRule) {
        self.kind = kind
        self.rule = rule
    }

    /// Makes `version` out of the version before it.
    ///
    /// Throws `StrategyError.nonFiniteModel`, or `.invalidState` for a step or moments of another length than the
    /// model's; the model is then not to be used any more.
    public func take(
        _ step: [Float], to version: ModelVersion, from model: inout ServerModel
    ) throws(StrategyError) {
        let count = model.parameters.values.count
        guard step.count == count else {
            throw StrategyError(
                .invalidState,
                "a step has \(step.count) values, the model \(count): begin again with the whole model")
        }
        switch kind {
        case .gradients: try rule.advance(&model, by: step, round: RoundID(version.rawValue))
        case .models: preconditionFailure("whole models travel, and no steps")
        case .changes:
            let ranges = model.parameters.layout.trainedRanges
            model.parameters.withMutableValues { values in
                step.withUnsafeBufferPointer { step in
                    for range in ranges {
                        for index in range { values[index] += step[index] }
                    }
                }
            }
            model.addStatistics(of: step, in: [0..<step.count])
            try model.checkFinite()
        }
    }

    /// Whether a worker needs this vector of the coordinator's state to take further steps.
    public func travels(_ name: String) -> Bool { kind == .gradients && name.hasPrefix("optimizer.") }
}
