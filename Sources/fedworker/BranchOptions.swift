// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import ArgumentParser
public import FedModels

/// The option that says which branch of dual batch norms a model is used with.
struct BranchOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Which batch norms are used: a mixture of the two, from 0 (clean) to 1 (robust); or auto: for each example what the model's "
                + "detector says. By default as the model says.", valueName: "share|auto"))
    var robustness: BranchChoice?

    /// The model with the mixture that is asked for; throws `ModelError`.
    func applied(to model: TrainedModel) throws(ModelError) -> TrainedModel {
        if case .mixed(let share) = robustness { try model.customized(robustness: share) } else { model }
    }

    /// The model with its detector, where that is to choose; nil where it is not. Throws as `DetectingModel`.
    func detecting(_ model: TrainedModel) throws -> DetectingModel? {
        robustness == .detected ? try DetectingModel(model) : nil
    }
}

extension BranchChoice: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
