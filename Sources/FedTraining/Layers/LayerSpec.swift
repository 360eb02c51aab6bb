// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A layer as data: what it is called and does, before memory is given to it.
package indirect enum LayerSpec: Hashable, Sendable {
    /// y = x Wᵀ + b with W of shape [outputs, inputs]; its input is taken as one vector.
    case linear(String, outputs: Int)
    /// A convolution with W of shape [outputs, channels, kernel, kernel].
    case convolution(
        String, outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0, bias: Bool = true,
        initial: WeightInitialization = .uniform)
    /// Batch normalisation over images (and pixels), with ε = 1e-5 and running statistics that move by 0.1 a step.
    case batchNorm(String, branches: NormalizationBranches = .one)
    /// max(x, 0).
    case relu
    /// The largest value under a square window.
    case maxPool(size: Int, stride: Int)
    /// The mean under a square window.
    case averagePool(size: Int, stride: Int)
    /// The mean of each channel.
    case globalAveragePool
    /// Removes values with a probability in [0, 1) while training.
    case dropout(Float)
    /// Every `stride`th pixel of every `stride`th row, with channels of zeros behind to make `outputs` of them.
    case subsample(outputs: Int, stride: Int)
    /// body(x) + shortcut(x), an empty shortcut being x itself. Neither begins or ends with a layer that works in place
    /// (ReLU behind anything but a batch norm, dropout).
    case residual(body: [LayerSpec], shortcut: [LayerSpec])
    /// The same values as one vector.
    case flatten
    /// The mean of what independent chains give on the same input, as vectors. Tensors of chain k (from 0) are called
    /// `base.k/…` and lie together, chain after chain. No chain begins or ends with a layer that works in place.
    case ensemble([[LayerSpec]])
}

/// How the weights of a convolution are drawn.
package enum WeightInitialization: Hashable, Sendable {
    /// Uniform in ±1/√fan-in, PyTorch's default (He et al., ICCV 2015, with a = √5).
    case uniform
    /// Normal with variance 2/fan-in (He et al., ICCV 2015, eq. 10).
    case heNormal
}

/// How many branches a batch norm has and what they share.
package enum NormalizationBranches: Hashable, Sendable {
    /// One.
    case one
    /// Clean and adversarial statistics with one scale and shift (FedRBN, Hong et al., AAAI 2023).
    case sharedAffine
    /// Clean and adversarial statistics, each with its own scale and shift (Split-Mix, Hong et al., ICLR 2022).
    case separateAffine
}
