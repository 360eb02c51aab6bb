// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What a parameter does in its layer; codecs, optimisers and privacy treat the roles differently.
public enum ParameterRole: String, CaseIterable, Codable, Sendable {
    /// Matrices and convolution kernels.
    case weight
    /// Additive terms of linear and convolution layers.
    case bias
    /// The multiplicative part of a normalisation layer (gamma).
    case normScale
    /// The additive part of a normalisation layer (beta).
    case normShift
    /// Running mean and variance over clean inputs. Not trained by gradients, never quantised.
    case cleanStatistics
    /// Running mean and variance over adversarial inputs. Not trained by gradients, never quantised.
    case adversarialStatistics

    /// Whether the values are estimated from data rather than trained by gradients.
    public var isStatistics: Bool { self == .cleanStatistics || self == .adversarialStatistics }
}
