// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import FedStrategies

extension RunConfig {
    /// What the strategy adds to the objective is not there already.
    func validateTerms() throws(ConfigurationError) {
        guard !strategy.terms.isEmpty else { return }
        for case .proximal(let mu) in training.objective {
            throw ConfigurationError(
                .invalid,
                "training.objective: \(strategy.name) brings a proximal term of its own; remove the one with mu \(mu), "
                    + "and say strategy.mu: \(mu) if that is what you want")
        }
    }
}
