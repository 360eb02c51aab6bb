// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Working memory for the gradients of activations, shared by all chains of one depth of nesting.
///
/// While a network is built, every chain requests what it needs; `allocate` then makes room for the largest requests.
final class GradientMemory {
    private let maximumBatch: Int
    private var largest: [(chain: Int, spare: Int)] = []
    private var buffers: [(first: FloatBuffer, second: FloatBuffer, spare: FloatBuffer)] = []

    /// Memory for batches of at most `maximumBatch` examples.
    init(maximumBatch: Int) {
        self.maximumBatch = maximumBatch
    }

    /// Asks for two buffers of `chain` values an example, and one of `spare`, for depth `depth`.
    func request(chain: Int = 0, spare: Int = 0, depth: Int) {
        precondition(buffers.isEmpty, "memory is requested before it is allocated")
        while largest.count <= depth { largest.append((0, 0)) }
        largest[depth] = (max(largest[depth].chain, chain), max(largest[depth].spare, spare))
    }

    /// Ends the requests.
    func allocate() {
        buffers = largest.map { counts in
            (
                FloatBuffer(count: maximumBatch * counts.chain), FloatBuffer(count: maximumBatch * counts.chain),
                FloatBuffer(count: maximumBatch * counts.spare)
            )
        }
    }

    /// The buffer for the next gradient of a chain whose present one is `current`: one of two, in turn.
    func next(after current: UnsafeMutablePointer<Float>, depth: Int) -> UnsafeMutablePointer<Float> {
        let (first, second, _) = buffers[depth]
        return current == first.start ? second.start : first.start
    }

    /// The buffer that a residual layer at `depth` collects its shortcut's gradient in.
    func spare(depth: Int) -> UnsafeMutablePointer<Float> { buffers[depth].spare.start }
}
