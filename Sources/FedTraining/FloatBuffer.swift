// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import Foundation

/// A fixed, 64-byte aligned block of floats that layers compute in, with `FED_SLACK` further floats behind its end.
///
/// Its address stays the same for its whole life, which an `Array` does not promise: layers keep pointers into the
/// buffers of the network that owns both, and so take a step without allocating, copying or checking for uniqueness.
final class FloatBuffer {
    private static let alignment = 64

    /// The first value.
    let start: UnsafeMutablePointer<Float>
    /// The number of values, without the slack.
    let count: Int
    /// What was allocated.
    private let allocation: UnsafeMutableRawPointer

    /// A buffer of `count` zeros.
    init(count: Int) {
        precondition(count >= 0, "a buffer has at least no values")
        let total = count + Int(FED_SLACK)
        // Large blocks of zeros take no memory until something is written to them: networks that only evaluate have
        // gradients that nobody computes.
        guard let allocation = calloc(total * MemoryLayout<Float>.stride + Self.alignment, 1) else {
            fatalError("no memory is left for \(count) floats")
        }
        self.allocation = allocation
        start = allocation.alignedUp(toMultipleOf: Self.alignment).bindMemory(to: Float.self, capacity: total)
        self.count = count
    }

    deinit {
        free(allocation)
    }

    /// Sets every value, the slack included, to 0.
    func clear() {
        start.update(repeating: 0, count: count + Int(FED_SLACK))
    }

    /// The values, copied.
    var values: [Float] { Array(UnsafeBufferPointer(start: start, count: count)) }

    /// Overwrites all values; as many as there are.
    func copy(from values: [Float]) {
        precondition(values.count == count, "as many values as the buffer holds")
        values.withUnsafeBufferPointer { source in
            if let first = source.baseAddress { start.update(from: first, count: count) }
        }
    }
}
