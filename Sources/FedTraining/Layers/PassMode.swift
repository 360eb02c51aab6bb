// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What a forward pass is for; normalisation and dropout behave differently.
package struct PassMode: Hashable, Sendable {
    /// What a normalisation layer normalises by.
    package enum Statistics: Hashable, Sendable {
        /// The batch's own statistics; the running ones of the branch move a tenth of the way towards them.
        case updating
        /// The batch's own statistics; the running ones of the branch become the mean of those of `earlier` batches, which they
        /// are, and this one.
        case gathering(earlier: Int)
        /// The batch's own statistics; the running ones stay.
        case batch
        /// The running statistics: the branch is frozen.
        case running
    }

    /// Which statistics of a dual batch norm are meant; a plain batch norm has one branch for all.
    package enum Branch: Hashable, Sendable {
        /// Those of clean inputs.
        case clean
        /// Those of adversarial inputs.
        case adversarial
        /// (1 − share) of the clean branch's output plus share of the adversarial one's, share in [0, 1], layer by
        /// layer in one pass (Split-Mix, Hong et al., ICLR 2022, section 3.3). Running statistics stay, and there are no
        /// gradients of parameters.
        case mixed(Float)

        /// (1 − share) of the clean branch plus share of the adversarial one, in [0, 1]; at its ends the branch itself.
        package init(adversarialShare share: Float) {
            switch share {
            case 0: self = .clean
            case 1: self = .adversarial
            default: self = .mixed(share)
            }
        }
    }

    /// What normalisation layers normalise by.
    package var statistics: Statistics
    /// Which branch of a dual batch norm.
    package var branch: Branch
    /// What decides which values dropout removes; nil removes none.
    package var dropoutKey: UInt64?

    /// A mode.
    package init(statistics: Statistics, branch: Branch = .clean, dropoutKey: UInt64? = nil) {
        self.statistics = statistics
        self.branch = branch
        self.dropoutKey = dropoutKey
    }

    /// Normalise by the batch's statistics and update the running ones; no dropout.
    package static let training = PassMode(statistics: .updating)
    /// Normalise by the running statistics; no dropout.
    package static let evaluation = PassMode(statistics: .running)
}
