// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// Inverted dropout (Srivastava et al., JMLR 2014), in place: a value is removed with a probability, the others grow by
/// its complement's inverse.
///
/// What is removed depends on the key of the pass and this layer's number only.
final class DropoutLayer: Layer {
    private let count: Int
    private let arrangement: Arrangement
    private let share: Float
    private let number: UInt64
    private var key: UInt64?

    /// `count` values an example; `share` in [0, 1) is removed; `number` tells the network's dropout layers apart.
    init(count: Int, arrangement: Arrangement, share: Float, number: Int) {
        self.count = count
        self.arrangement = arrangement
        self.share = share
        self.number = UInt64(number)
    }

    var isInPlace: Bool { true }

    func forward(
        _ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, batch: Int, mode: PassMode
    ) {
        // Multiples of an odd constant: different layers share no key within a pass.
        key = mode.dropoutKey.map { $0 &+ number &* 0x9E37_79B9_7F4A_7C15 }
        if let key { fed_dropout(output, arrangement.stored(batch) * count, key, share) }
    }

    func backward(
        input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        outputGradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?, batch: Int,
        parameters: Bool
    ) {
        if let key { fed_dropout(outputGradient, arrangement.stored(batch) * count, key, share) }
    }
}
