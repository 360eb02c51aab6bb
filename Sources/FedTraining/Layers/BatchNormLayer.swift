// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// Batch normalisation per channel (Ioffe and Szegedy, ICML 2015, algorithm 1), ε = 1e-5, with one or two branches of
/// statistics (dual batch norm, Xie et al., CVPR 2020), and max(·, 0) in the same pass where it follows.
///
/// By the batch's own mean and variance, the running ones of the branch move towards the batch's mean and unbiased variance if
/// the mode says so. A running variance below 0, which averaging compressed updates can
/// produce, counts as 0.
final class BatchNormLayer: Layer {
    /// The tensors of one branch; two branches may share `scale` and `shift`.
    struct Branch {
        let scale: ParameterSlot
        let shift: ParameterSlot
        let mean: ParameterSlot
        let variance: ParameterSlot
    }

    static let epsilon: Float = 1e-5
    private static let momentum: Float = 0.1

    let shape: InputShape
    let arrangement: Arrangement
    let clean: Branch
    let adversarial: Branch
    private let rectifies: Bool
    /// What the last forward pass normalised by, and what the backward pass derives from it.
    private let working: FloatBuffer
    private var lastMode = PassMode.training

    /// `adversarial` nil: one branch for all modes. `rectifies`: the layer ends in max(·, 0).
    init(shape: InputShape, arrangement: Arrangement, clean: Branch, adversarial: Branch?, rectifies: Bool) {
        precondition(arrangement == .blocks || shape.pixels == 1, "maps are normalised in blocks")
        self.shape = shape
        self.arrangement = arrangement
        self.clean = clean
        self.adversarial = adversarial ?? clean
        self.rectifies = rectifies
        working = FloatBuffer(count: 8 * shape.channels)
    }

    var isInPlace: Bool { false }
    var isTrained: Bool { true }

    func forEachNormalization(
        input: UnsafeMutablePointer<Float>, _ body: (BatchNormLayer, UnsafeMutablePointer<Float>) -> Void
    ) {
        body(self, input)
    }

    private func extent(_ batch: Int) -> fed_batch {
        fed_batch(examples: batch, channels: shape.channels, pixels: arrangement == .rows ? 0 : shape.pixels)
    }

    private var mean: UnsafeMutablePointer<Float> { working.start }
    private var variance: UnsafeMutablePointer<Float> { working.start + shape.channels }
    /// 1/√(variance + ε).
    private var factor: UnsafeMutablePointer<Float> { working.start + 2 * shape.channels }
    /// factor · scale.
    private var multiplier: UnsafeMutablePointer<Float> { working.start + 3 * shape.channels }
    private var offset: UnsafeMutablePointer<Float> { working.start + 4 * shape.channels }
    private var constant: UnsafeMutablePointer<Float> { working.start + 5 * shape.channels }
    private var slope: UnsafeMutablePointer<Float> { working.start + 6 * shape.channels }
    private var products: UnsafeMutablePointer<Float> { working.start + 7 * shape.channels }

    func forward(
        _ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, batch: Int, mode: PassMode
    ) {
        lastMode = mode
        switch mode.branch {
        case .clean: prepare(clean, input: input, batch: batch, mode: mode)
        case .adversarial: prepare(adversarial, input: input, batch: batch, mode: mode)
        case .mixed(let share): prepareMixture(share, input: input, batch: batch)
        }
        var extent = extent(batch)
        fed_normalize(output, input, mean, multiplier, offset, &extent, rectifies ? 1 : 0)
    }

    private func prepare(_ branch: Branch, input: UnsafeMutablePointer<Float>, batch: Int, mode: PassMode) {
        let channels = shape.channels
        if mode.statistics == .running {
            for channel in 0..<channels {
                mean[channel] = branch.mean.values[channel]
                variance[channel] = max(branch.variance.values[channel], 0)
            }
        } else {
            var extent = extent(batch)
            fed_channel_statistics(mean, variance, input, &extent)
        }
        switch mode.statistics {
        case .updating: update(branch, by: Self.momentum, samples: Float(batch * shape.pixels))
        case .gathering(let earlier):
            update(branch, by: 1 / Float(earlier + 1), samples: Float(batch * shape.pixels))
        case .batch, .running: break
        }
        for channel in 0..<channels {
            factor[channel] = 1 / (variance[channel] + Self.epsilon).squareRoot()
            multiplier[channel] = factor[channel] * branch.scale.values[channel]
            offset[channel] = branch.shift.values[channel]
        }
    }

    /// Moves the running statistics a share of `rate` in (0, 1] of the way towards the batch's.
    private func update(_ branch: Branch, by rate: Float, samples: Float) {
        let unbiased = samples > 1 ? samples / (samples - 1) : 1
        for channel in 0..<shape.channels {
            let oldMean = branch.mean.values[channel]
            let oldVariance = max(branch.variance.values[channel], 0)
            branch.mean.values[channel] = oldMean + rate * (mean[channel] - oldMean)
            branch.variance.values[channel] =
                (1 - rate) * oldVariance + rate * (variance[channel] * unbiased)
        }
    }

    /// The mixture of both branches as one linear map; by running statistics at share 0 and 1 exactly that of the branch.
    private func prepareMixture(_ share: Float, input: UnsafeMutablePointer<Float>, batch: Int) {
        guard lastMode.statistics == .running else {
            return prepareMixtureByBatch(share, input: input, batch: batch)
        }
        for channel in 0..<shape.channels {
            func map(_ branch: Branch) -> (multiplier: Float, mean: Float, shift: Float) {
                let factor = 1 / (max(branch.variance.values[channel], 0) + Self.epsilon).squareRoot()
                return (
                    factor * branch.scale.values[channel], branch.mean.values[channel], branch.shift.values[channel]
                )
            }
            let first = map(clean)
            let second = map(adversarial)
            // One centre for both: that of the clean branch, or the other's where it stands alone.
            mean[channel] = share == 1 ? second.mean : first.mean
            multiplier[channel] = (1 - share) * first.multiplier + share * second.multiplier
            let moved = second.shift + (mean[channel] - second.mean) * second.multiplier
            offset[channel] = (1 - share) * first.shift + share * moved
        }
    }

    /// The same where both branches normalise by the batch.
    private func prepareMixtureByBatch(_ share: Float, input: UnsafeMutablePointer<Float>, batch: Int) {
        precondition(lastMode.statistics == .batch, "a mixture of branches moves no running statistics")
        var extent = extent(batch)
        fed_channel_statistics(mean, variance, input, &extent)
        for channel in 0..<shape.channels {
            func mixed(_ values: (Branch) -> Float) -> Float {
                (1 - share) * values(clean) + share * values(adversarial)
            }
            factor[channel] = 1 / (variance[channel] + Self.epsilon).squareRoot()
            multiplier[channel] = factor[channel] * mixed { $0.scale.values[channel] }
            offset[channel] = mixed { $0.shift.values[channel] }
        }
    }

    func backward(
        input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        outputGradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?, batch: Int,
        parameters: Bool
    ) {
        var extent = extent(batch)
        let isOwn = lastMode.statistics != .running
        let rectified = rectifies ? UnsafePointer(output) : nil
        if parameters || isOwn {
            fed_normalize_sums(products, constant, outputGradient, rectified, input, mean, factor, &extent)
        }
        if parameters { storeGradients() }
        guard let inputGradient else { return }
        if isOwn {
            let share = 1 / Float(batch * shape.pixels)
            for channel in 0..<shape.channels {
                constant[channel] *= share
                slope[channel] = factor[channel] * products[channel] * share
            }
        }
        fed_normalize_gradient(
            inputGradient, outputGradient, rectified, input, mean, constant, isOwn ? slope : nil, multiplier, &extent)
    }

    /// The sums are the gradients of the branch's scale and shift; a branch that was not used has none.
    private func storeGradients() {
        let used: Branch
        let unused: Branch
        switch lastMode.branch {
        case .clean: (used, unused) = (clean, adversarial)
        case .adversarial: (used, unused) = (adversarial, clean)
        case .mixed: preconditionFailure("a mixture of branches has no gradients of parameters")
        }
        unused.scale.gradient.update(repeating: 0, count: shape.channels)
        unused.shift.gradient.update(repeating: 0, count: shape.channels)
        used.scale.gradient.update(from: products, count: shape.channels)
        used.shift.gradient.update(from: constant, count: shape.channels)
    }
}
