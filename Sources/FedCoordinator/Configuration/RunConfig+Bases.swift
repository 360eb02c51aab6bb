// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
internal import FedStrategies

extension RunConfig {
    /// The network that the run trains: that of `model`, or as many narrow ones as the strategy asks for.
    public var network: ModelSpec {
        guard let baseWidth = strategy.baseWidth else { return model }
        var network = model
        network.width = baseWidth
        network.bases = baseWidth.denominator
        return network
    }

    /// What goes together with base networks.
    func validateBases() throws(ConfigurationError) {
        guard strategy.baseWidth != nil else { return }
        try Self.require(
            model.width == .full,
            "model.width: with \(strategy.name) strategy.baseWidth says how wide a base network is; remove the key")
        try Self.require(
            DownlinkKind(downlink.codec) == .models,
            "downlink.codec: with \(strategy.name) workers download the bases that they train; choose dense-float32, "
                + "dense-float16 or dense-bfloat16")
        try Self.require(
            uplink.scales != .shared,
            "uplink.scales: with \(strategy.name) workers train different bases and share no scales; set it to local")
        try Self.require(
            training.optimizer.state == .fresh,
            "training.optimizer.state: with \(strategy.name) workers train other bases in every round; set it to fresh")
        try Self.require(
            limits.relativeNorm == nil,
            "limits.relativeNorm: with \(strategy.name) updates of fewer bases are shorter; set limits.updateNorm")
    }
}
