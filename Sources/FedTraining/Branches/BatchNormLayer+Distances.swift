// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

extension BatchNormLayer {
    /// How many distances an example has: that of its means, and where a channel has several pixels that of its variances.
    var distanceCount: Int { shape.pixels > 1 ? 2 : 1 }

    /// How unusual each of `batch` examples is to a branch: writes `distanceCount` numbers an example, those of the next one
    /// `stride` further.
    ///
    /// With the mean m and variance v of the example's pixels in each channel, and the branch's running mean μ and variance σ²,
    /// they are the logarithms of the means over all channels of (m − μ)² / (σ² + ε) and of v / (σ² + ε), cut to
    /// [10⁻⁶, 10¹²] before. `input` is what the layer had in its last forward pass.
    func writeDistances(
        of input: UnsafePointer<Float>, batch: Int, isAdversarial: Bool, to target: UnsafeMutablePointer<Double>,
        stride: Int
    ) {
        let branch = isAdversarial ? adversarial : clean
        let lanes = arrangement == .blocks ? Arrangement.width : 1
        let pixels = shape.pixels
        var sums = [Double](repeating: 0, count: lanes)
        var squares = [Double](repeating: 0, count: lanes)
        var means = [Double](repeating: 0, count: lanes)
        var variances = [Double](repeating: 0, count: lanes)
        for first in Swift.stride(from: 0, to: batch, by: lanes) {
            for lane in 0..<lanes {
                means[lane] = 0
                variances[lane] = 0
            }
            for channel in 0..<shape.channels {
                // Around the branch's mean, where the sum of squares loses least.
                let middle = Double(branch.mean.values[channel])
                for lane in 0..<lanes {
                    sums[lane] = 0
                    squares[lane] = 0
                }
                var values = input + first * shape.count + channel * pixels * lanes
                for _ in 0..<pixels {
                    for lane in 0..<lanes {
                        let distance = Double(values[lane]) - middle
                        sums[lane] += distance
                        squares[lane] += distance * distance
                    }
                    values += lanes
                }
                let scale = 1 / (Double(max(branch.variance.values[channel], 0)) + Double(Self.epsilon))
                for lane in 0..<lanes {
                    let mean = sums[lane] / Double(pixels)
                    means[lane] += mean * mean * scale
                    variances[lane] += max(squares[lane] / Double(pixels) - mean * mean, 0) * scale
                }
            }
            for lane in 0..<min(lanes, batch - first) {
                let place = target + (first + lane) * stride
                place[0] = Self.logarithm(means[lane] / Double(shape.channels))
                if distanceCount > 1 { place[1] = Self.logarithm(variances[lane] / Double(shape.channels)) }
            }
        }
    }

    /// Of a number that is not one, as a model has that diverged, that of the smallest.
    private static func logarithm(_ value: Double) -> Double {
        fed_log(value > 1e-6 ? (value < 1e12 ? value : 1e12) : 1e-6)
    }
}
