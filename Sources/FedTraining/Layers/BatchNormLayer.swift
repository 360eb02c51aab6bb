// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// Batch normalisation per channel (Ioffe and Szegedy, ICML 2015, algorithm 1), ε = 1e-5.
///
/// In training mode the batch's own mean and variance normalise, and the running ones move a tenth of the way towards
/// the batch's mean and unbiased variance. In evaluation mode the running ones normalise. A running variance below 0,
/// which averaging compressed updates can produce, counts as 0.
final class BatchNormLayer: Layer {
    private static let epsilon: Float = 1e-5
    private static let momentum: Float = 0.1

    private let shape: InputShape
    private let scale: ParameterSlot
    private let shift: ParameterSlot
    private let runningMean: ParameterSlot
    private let runningVariance: ParameterSlot
    /// What the last forward pass normalised by: means, then variances, then 1/√(variance + ε).
    private let statistics: FloatBuffer
    private var lastMode = PassMode.training

    init(
        shape: InputShape, scale: ParameterSlot, shift: ParameterSlot, mean: ParameterSlot, variance: ParameterSlot
    ) {
        self.shape = shape
        self.scale = scale
        self.shift = shift
        runningMean = mean
        runningVariance = variance
        statistics = FloatBuffer(count: 3 * shape.channels)
    }

    var isInPlace: Bool { false }

    private var mean: UnsafeMutablePointer<Float> { statistics.start }
    private var variance: UnsafeMutablePointer<Float> { statistics.start + shape.channels }
    private var factor: UnsafeMutablePointer<Float> { statistics.start + 2 * shape.channels }

    func forward(
        _ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, batch: Int, mode: PassMode
    ) {
        lastMode = mode
        switch mode {
        case .training:
            fed_channel_statistics(mean, variance, input, batch, shape.channels, shape.pixels)
            let samples = Float(batch * shape.pixels)
            let unbiased = samples > 1 ? samples / (samples - 1) : 1
            for channel in 0..<shape.channels {
                let oldMean = runningMean.values[channel]
                let oldVariance = max(runningVariance.values[channel], 0)
                runningMean.values[channel] = oldMean + Self.momentum * (mean[channel] - oldMean)
                runningVariance.values[channel] =
                    (1 - Self.momentum) * oldVariance + Self.momentum * (variance[channel] * unbiased)
            }
        case .evaluation:
            for channel in 0..<shape.channels {
                mean[channel] = runningMean.values[channel]
                variance[channel] = max(runningVariance.values[channel], 0)
            }
        }
        for channel in 0..<shape.channels { factor[channel] = 1 / (variance[channel] + Self.epsilon).squareRoot() }
        fed_normalize(
            output, input, mean, factor, scale.values, shift.values, batch, shape.channels, shape.pixels)
    }

    func backward(
        input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        outputGradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?, batch: Int
    ) {
        fed_normalize_parameter_gradients(
            scale.gradient, shift.gradient, outputGradient, input, mean, factor, batch, shape.channels, shape.pixels)
        guard let inputGradient else { return }
        switch lastMode {
        case .training:
            fed_normalize_batch_gradient(
                inputGradient, outputGradient, input, mean, factor, scale.values, scale.gradient, shift.gradient,
                batch, shape.channels, shape.pixels)
        case .evaluation:
            fed_normalize_constant_gradient(
                inputGradient, outputGradient, factor, scale.values, batch, shape.channels, shape.pixels)
        }
    }
}
