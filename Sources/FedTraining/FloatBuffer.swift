// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// A fixed, 64-byte aligned block of floats that layers compute in, with `FED_SLACK` further floats behind its end.
///
/// Its address stays the same for its whole life, which an `Array` does not promise: layers keep pointers into the
/// buffers of the network that owns both, and so take a step without allocating, copying or checking for uniqueness.
final class FloatBuffer {
    /// The first value.
    let start: UnsafeMutablePointer<Float>
    /// The number of values, without the slack.
    let count: Int

    /// A buffer of `count` zeros.
    init(count: Int) {
        precondition(count >= 0, "a buffer has at least no values")
        let total = count + Int(FED_SLACK)
        let raw = UnsafeMutableRawPointer.allocate(byteCount: total * MemoryLayout<Float>.stride, alignment: 64)
        start = raw.initializeMemory(as: Float.self, repeating: 0, count: total)
        self.count = count
    }

    deinit {
        start.deallocate()
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
