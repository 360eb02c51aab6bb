// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// The same values in the other arrangement.
final class RearrangingLayer: Layer {
    private let count: Int
    private let target: Arrangement

    /// `count` values an example.
    init(count: Int, to target: Arrangement) {
        self.count = count
        self.target = target
    }

    var isInPlace: Bool { false }

    func forward(
        _ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, batch: Int, mode: PassMode
    ) {
        rearrange(input, into: output, batch: batch, to: target)
    }

    func backward(
        input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        outputGradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?, batch: Int,
        parameters: Bool
    ) {
        guard let inputGradient else { return }
        rearrange(outputGradient, into: inputGradient, batch: batch, to: target == .rows ? .blocks : .rows)
    }

    private func rearrange(
        _ values: UnsafeMutablePointer<Float>, into result: UnsafeMutablePointer<Float>, batch: Int,
        to arrangement: Arrangement
    ) {
        for start in stride(from: 0, to: batch, by: Arrangement.width) {
            let examples = min(Arrangement.width, batch - start)
            switch arrangement {
            case .rows: fed_block_unpack(result + start * count, values + start * count, examples, count)
            case .blocks: fed_block_pack(result + start * count, values + start * count, examples, count)
            }
        }
    }
}
