// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// A convolution of stride 1 with a kernel of 3x3 or 5x5 by minimal filtering (Winograd; Lavin and Gray, CVPR 2016): a
/// quarter to a third of the multiplications of the direct way, at rounding errors some ten times as large.
final class WinogradLayer: Layer {
    private var shape: fed_winograd
    private let weight: ParameterSlot
    private let bias: ParameterSlot?
    private let memory: WorkingMemory
    /// The transformed weights.
    private let kernel: FloatBuffer

    /// Whether the layer can compute this convolution, and faster than tap by tap: not on images of one to three channels,
    /// where transforming the outputs costs more than it saves.
    static func supports(_ window: fed_window) -> Bool {
        window.channels >= 4 && window.stride == 1 && window.kernel_height == window.kernel_width
            && (window.kernel_width == 3 || window.kernel_width == 5) && window.padding < window.kernel_width
    }

    /// `window` is one that the layer supports.
    init(window: fed_window, outputs: Int, weight: ParameterSlot, bias: ParameterSlot?, memory: WorkingMemory) {
        precondition(Self.supports(window), "minimal filtering is for stride 1 and kernels of 3 or 5")
        let step = 7 - window.kernel_width
        let across = (window.output_width + step - 1) / step
        let down = (window.output_height + step - 1) / step
        // Enough tiles at once to make sums over them worth their end, no more than their space needs.
        let rows = min(down, max(1, (Self.tilesAtOnce + across - 1) / across))
        shape = fed_winograd(
            inputs: window.channels, outputs: outputs, height: window.height, width: window.width,
            kernel: window.kernel_width, padding: window.padding, output_height: window.output_height,
            output_width: window.output_width, tile_rows: rows)
        self.weight = weight
        self.bias = bias
        self.memory = memory
        let count = Int(FED_WINOGRAD_POINTS) * outputs * window.channels
        kernel = FloatBuffer(count: count)
        memory.request(sum: count)
        memory.request(
            firstSpace: fed_winograd_space(&shape, shape.inputs),
            secondSpace: fed_winograd_space(&shape, shape.outputs),
            thirdSpace: swapsChannels ? inputCount * Arrangement.width : 0
        )
    }

    private static let tilesAtOnce = 6

    var isInPlace: Bool { false }
    var isTrained: Bool { true }

    private var inputCount: Int { shape.inputs * shape.height * shape.width }
    /// Whether the channels fill vectors.
    private var swapsChannels: Bool { shape.inputs % Arrangement.width == 0 }
    private var pixels: Int { shape.output_height * shape.output_width }

    func forward(
        _ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, batch: Int, mode: PassMode
    ) {
        fed_winograd_kernel(kernel.start, weight.values, &shape)
        memory.forEachBlock(batch: batch) { start, part in
            var shape = shape
            fed_winograd_forward(
                output + start * shape.outputs * pixels, input + start * inputCount, kernel.start, bias?.values,
                memory.space(0, part: part), memory.space(1, part: part), &shape)
        }
    }

    func backward(
        input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        outputGradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?, batch: Int,
        parameters: Bool
    ) {
        func propagate(_ start: Int, _ part: Int, _ sum: UnsafeMutablePointer<Float>?) {
            var shape = shape
            fed_winograd_backward(
                inputGradient.map { $0 + start * inputCount }, sum, outputGradient + start * shape.outputs * pixels,
                input + start * inputCount, kernel.start, memory.space(0, part: part), memory.space(1, part: part),
                swapsChannels ? memory.space(2, part: part) : nil, &shape)
        }
        guard parameters else {
            if inputGradient != nil { memory.forEachBlock(batch: batch) { propagate($0, $1, nil) } }
            return
        }
        let sum = memory.sum(kernel.count, batch: batch) { propagate($0, $1, $2) }
        fed_winograd_kernel_gradient(weight.gradient, sum, &shape)
        bias?.sumGradients(of: outputGradient, batch: batch, channels: shape.outputs, pixels: pixels)
    }
}
