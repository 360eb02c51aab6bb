// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// The largest value under a window; the gradient goes to the first of the largest.
final class MaxPoolLayer: Layer {
    private var window: fed_window
    /// Where each output came from.
    private let origin: UnsafeMutablePointer<UInt8>

    /// `maximumPlanes` is the largest batch times the channels.
    init(window: fed_window, maximumPlanes: Int) {
        self.window = window
        let count = maximumPlanes * window.output_height * window.output_width
        origin = .allocate(capacity: count)
        origin.initialize(repeating: 0, count: count)
    }

    deinit {
        origin.deallocate()
    }

    var isInPlace: Bool { false }

    func forward(
        _ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, batch: Int, mode: PassMode
    ) {
        fed_max_pool_forward(output, origin, input, batch * window.channels, &window)
    }

    func backward(
        input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        outputGradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?, batch: Int,
        parameters: Bool
    ) {
        guard let inputGradient else { return }
        fed_max_pool_backward(inputGradient, outputGradient, origin, batch * window.channels, &window)
    }
}
