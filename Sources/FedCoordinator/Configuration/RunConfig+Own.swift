// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
internal import FedStrategies

extension RunConfig {
    /// The roles of the parameters that do not travel, of which each worker has its own.
    public var ownRoles: Set<ParameterRole> {
        if strategy.keepsNormalization { return ParameterRole.normalization }
        return model.statistics == .local ? ParameterRole.statistics : []
    }

    /// What goes together with parameters that do not travel.
    func validateOwn() throws(ConfigurationError) {
        guard !ownRoles.isEmpty else { return }
        try Self.require(
            training.optimizer.state == .fresh,
            "training.optimizer.state: where parameters stay with workers, an optimiser begins anew in each round; set it to "
                + "fresh")
        try Self.require(
            model.statistics != .batch || !strategy.keepsNormalization,
            "model.statistics: with \(strategy.name) each worker has running statistics of its own; remove the key")
    }
}
