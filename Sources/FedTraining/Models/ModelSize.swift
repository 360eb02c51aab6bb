// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// How large a network is.
public struct ModelSize: Hashable, Sendable {
    /// Parameters that gradients train.
    public let trainedParameters: Int
    /// Running means and variances of batch norms.
    public let statistics: Int
    /// Multiplications of one example's forward pass in linear and convolution layers.
    public let multiplications: Int
}
