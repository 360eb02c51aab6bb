// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Where an attack may move the examples of a batch: within ε of each and in [0, 1].
///
/// Both limits hold exactly, not up to rounding. All memory is allocated once for a network's largest batch.
final class AttackRegion {
    private let norm: AttackSpec.Norm
    /// Values of an example.
    private let size: Int
    private var epsilon: Float = 0
    /// The examples in the middle.
    private let clean: FloatBuffer
    /// The smallest and largest value allowed for each of an example, for `linf`.
    private let lower: FloatBuffer
    private let upper: FloatBuffer

    /// Regions around batches of `network`.
    init(_ norm: AttackSpec.Norm, on network: Network) {
        self.norm = norm
        size = network.input.count
        let count = network.maximumBatch * size
        clean = FloatBuffer(count: count)
        lower = FloatBuffer(count: norm == .linf ? count : 0)
        upper = FloatBuffer(count: norm == .linf ? count : 0)
    }

    /// Takes the first `batch` of `examples`, which are in [0, 1], as the middle of the region.
    func surround(_ examples: UnsafeMutablePointer<Float>, batch: Int, epsilon: Float) {
        self.epsilon = epsilon
        clean.start.update(from: examples, count: batch * size)
        if norm == .linf, epsilon > 0 {
            fed_attack_bounds(lower.start, upper.start, clean.start, batch * size, epsilon)
        }
    }

    /// Makes the first `batch` of `places` the examples in the middle.
    func copyMiddle(to places: UnsafeMutablePointer<Float>, batch: Int) {
        places.update(from: clean.start, count: batch * size)
    }

    /// Moves example `row` of `places` to a place uniform in the box or ball of ε around it, then into [0, 1].
    ///
    /// The example of `scratch` in that row is overwritten.
    func scatter(
        _ places: UnsafeMutablePointer<Float>, row: Int, stream: SeededGenerator, scratch: UnsafeMutablePointer<Float>
    ) {
        let offset = row * size
        switch norm {
        case .linf:
            fed_attack_start(
                places + offset, clean.start + offset, lower.start + offset, upper.start + offset, size, epsilon,
                stream.key)
        case .l2:
            // A direction of normal variates, and a length whose power of the number of dimensions is uniform (Muller, CACM
            // 1959).
            var stream = stream
            let direction = scratch + offset
            for index in 0..<size { direction[index] = Float(NormalDistribution.sample(using: &stream)) }
            let volume = max(stream.nextUnitDouble(), 0x1p-54)
            let length = epsilon * Float(fed_exp(fed_log(volume) / Double(size)))
            fed_attack_norm_step(places + offset, direction, clean.start + offset, size, length, epsilon)
        }
    }

    /// Moves the examples `rows` of `places` by `length` along the steepest ascent, the sign of `gradient` or its direction, and
    /// back into the region; may overwrite the gradient.
    func ascend(
        _ places: UnsafeMutablePointer<Float>, along gradient: UnsafeMutablePointer<Float>, rows: Range<Int>,
        length: Float
    ) {
        let offset = rows.lowerBound * size
        switch norm {
        case .linf:
            fed_attack_sign_step(
                places + offset, gradient + offset, lower.start + offset, upper.start + offset, rows.count * size,
                length)
        case .l2:
            for row in rows { move(places, by: gradient, row: row, length: length) }
        }
    }

    /// Moves example `row` of `places` by that of `change`, which may be overwritten, and back into the region.
    func move(_ places: UnsafeMutablePointer<Float>, by change: UnsafeMutablePointer<Float>, row: Int) {
        let offset = row * size
        switch norm {
        case .linf:
            let (place, change) = (places + offset, change + offset)
            let (lower, upper) = (lower.start + offset, upper.start + offset)
            for index in 0..<size {
                let moved = place[index] + change[index]
                let raised = moved > lower[index] ? moved : lower[index]
                place[index] = raised < upper[index] ? raised : upper[index]
            }
        case .l2:
            let length = fed_squared_norm(change + offset, size).squareRoot()
            move(places, by: change, row: row, length: Float(length))
        }
    }

    /// Moves one example by `length` along `direction`, in the Euclidean norm.
    private func move(
        _ places: UnsafeMutablePointer<Float>, by direction: UnsafeMutablePointer<Float>, row: Int, length: Float
    ) {
        let offset = row * size
        fed_attack_norm_step(
            places + offset, direction + offset, clean.start + offset, size, length, epsilon)
    }
}
