// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
public import FedCore
internal import FedStrategies

extension RunConfig {
    /// How updates travel, for people to read: the codec, its options in force, what travels as float32 of a model of
    /// this layout, and how much a worker trains between two updates.
    public func uplinkText(for layout: ModelLayout) -> String {
        var options = uplink.optionsInForce
        // A sparse codec that keeps no residual is worth a word as well.
        if uplink.keepsResidual || uplink.errorFeedback != nil {
            options.append("errorFeedback=\(uplink.keepsResidual)")
        }
        let masks = uplink.masksMomentum(of: training.optimizer)
        if masks || uplink.momentumMasking != nil { options.append("momentumMasking=\(masks)") }
        let (number, unit) = training.steps.map { ($0, "step") } ?? (training.epochs, "epoch")
        return Self.text(uplink, options, layout) + ", after \(number) \(unit)\(number == 1 ? "" : "s")"
    }

    /// How the model travels, likewise.
    public func downlinkText(for layout: ModelLayout) -> String {
        var options = downlink.optionsInForce
        if DownlinkKind(downlink.codec) != .models {
            options.append("verifyEvery=\(downlink.verifyEvery ?? CodecSpec.defaultVerifyEvery)")
        }
        return Self.text(downlink, options, layout)
    }

    private static func text(_ spec: CodecSpec, _ options: [String], _ layout: ModelLayout) -> String {
        let text = ([spec.codec.rawValue] + options).joined(separator: " ")
        guard CodecRegistry.options(of: spec.codec).contains("denseBelow") else { return text }
        let exact = UpdateSections(layout, spec).exactCount
        return exact == 0 ? text : "\(text), \(exact) of \(layout.count) parameters as float32"
    }
}
