// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// What travels down to the workers after a round.
public enum DownlinkKind: Hashable, Sendable, CaseIterable {
    /// The whole model.
    case models
    /// A step that is added to the model: W ← W + step (Sattler et al. 2019, STC downstream).
    case changes
    /// The mean change, which everybody puts through the server's optimiser (Wen et al., NeurIPS 2017, section 3.3,
    /// parameter localisation).
    case gradients

    /// The codec of `gradients`.
    public static let gradientCodec = CodecID("ternary-sum")

    /// What travels where `codec` is the downlink's: models where it is made for them.
    public init(_ codec: CodecID) {
        if codec.rawValue.hasPrefix("dense-") {
            self = .models
        } else {
            self = codec == Self.gradientCodec ? .gradients : .changes
        }
    }
}
