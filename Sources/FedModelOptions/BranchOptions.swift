// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import ArgumentParser
internal import FedCore
public import FedModels

/// The options that say how much of a model is used, and which branch of its dual batch norms.
public struct BranchOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The width to cut to, such as 1/2; by default all of the model.", valueName: "fraction"))
    private var width: WidthRatio?

    @Option(
        help: ArgumentHelp(
            "Which batch norms are used: a mixture of the two, from 0 (clean) to 1 (robust); or auto: for each example what the model's "
                + "detector says. By default as the model says.", valueName: "share|auto"))
    private var robustness: BranchChoice?

    public init() {}

    /// The model of the width and with the mixture that are asked for; throws `ModelError`.
    public func applied(to model: TrainedModel) throws(ModelError) -> TrainedModel {
        guard case .mixed(let share) = robustness else { return try model.customized(width: width) }
        return try model.customized(width: width, robustness: share)
    }

    /// The model with its detector, where that is to choose; nil where it is not. Throws as `DetectingModel`.
    public func detecting(_ model: TrainedModel) throws -> DetectingModel? {
        robustness == .detected ? try DetectingModel(model) : nil
    }
}

extension BranchChoice: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
