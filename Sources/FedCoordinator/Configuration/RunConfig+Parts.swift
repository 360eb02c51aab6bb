// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
internal import FedStrategies

extension RunConfig {
    /// The network that the run trains: that of `model`, with the widths that are trained in it, or as many narrow ones as the
    /// strategy asks for.
    public var network: ModelSpec {
        var network = model
        if let baseWidth = strategy.baseWidth {
            network.width = baseWidth
            network.bases = baseWidth.denominator
        }
        network.levels = strategy.widths ?? []
        return network
    }

    /// What goes together with parts of the model that workers train as they can afford.
    func validateParts(for vocabulary: Vocabulary) throws(ConfigurationError) {
        guard strategy.narrowest != nil else { return }
        let key =
            strategy.widths == nil
            ? "strategy.baseWidth says how wide a base network is" : "strategy.widths says how wide networks are"
        try Self.require(model.width == .full, "model.width: with \(strategy.name) \(key); remove the key")
        try Self.require(
            DownlinkKind(downlink.codec) == .models,
            "downlink.codec: with \(strategy.name) workers download what they train; choose dense-float32, "
                + "dense-float16 or dense-bfloat16")
        try Self.require(
            uplink.scales != .shared,
            "uplink.scales: with \(strategy.name) workers train different parts and share no scales; set it to local")
        try Self.require(
            training.optimizer.state == .fresh,
            "training.optimizer.state: with \(strategy.name) workers may train other parts in every round; set it to fresh"
        )
        try Self.require(
            limits.relativeNorm == nil,
            "limits.relativeNorm: with \(strategy.name) updates of smaller parts are shorter; set limits.updateNorm")
        try Self.require(
            strategy.widths == nil || model.statistics == .batch
                || !vocabulary.normalizedArchitectures.contains(model.architecture),
            "model.statistics: with \(strategy.name) networks of all widths share running statistics that fit none of them; set it "
                + "to batch")
    }
}
