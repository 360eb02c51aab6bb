// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Memory that a network's layers use one after the other.
///
/// While a network is built, every layer requests what it needs; `allocate` then makes room for the largest requests.
final class WorkingMemory {
    private let storedBatch: Int
    private var largest: [(chain: Int, spare: Int)] = []
    private var buffers: [(first: FloatBuffer, second: FloatBuffer, spare: FloatBuffer)] = []
    private var largestSpaces = [0, 0, 0]
    private var spaces: [FloatBuffer] = []

    /// Memory for batches of at most `maximumBatch` examples.
    init(maximumBatch: Int) {
        storedBatch = Arrangement.blocks.stored(maximumBatch)
    }

    /// Asks for two buffers of `chain` values an example, and one of `spare`, for gradients at depth `depth`.
    func request(chain: Int = 0, spare: Int = 0, depth: Int) {
        precondition(buffers.isEmpty, "memory is requested before it is allocated")
        while largest.count <= depth { largest.append((0, 0)) }
        largest[depth] = (max(largest[depth].chain, chain), max(largest[depth].spare, spare))
    }

    /// Asks for spaces of so many floats that last for one pass through one layer.
    func request(firstSpace: Int, secondSpace: Int, thirdSpace: Int) {
        largestSpaces = zip(largestSpaces, [firstSpace, secondSpace, thirdSpace]).map { max($0, $1) }
    }

    /// Ends the requests.
    func allocate() {
        buffers = largest.map { counts in
            (
                FloatBuffer(count: storedBatch * counts.chain), FloatBuffer(count: storedBatch * counts.chain),
                FloatBuffer(count: storedBatch * counts.spare)
            )
        }
        spaces = largestSpaces.map { FloatBuffer(count: $0) }
    }

    /// The buffer for the next gradient of a chain whose present one is `current`: one of two, in turn.
    func next(after current: UnsafeMutablePointer<Float>, depth: Int) -> UnsafeMutablePointer<Float> {
        let (first, second, _) = buffers[depth]
        return current == first.start ? second.start : first.start
    }

    /// The buffer that a residual layer at `depth` collects its shortcut's gradient in.
    func spare(depth: Int) -> UnsafeMutablePointer<Float> { buffers[depth].spare.start }

    /// The first space.
    var firstSpace: UnsafeMutablePointer<Float> { spaces[0].start }

    /// The second space.
    var secondSpace: UnsafeMutablePointer<Float> { spaces[1].start }

    /// The third space.
    var thirdSpace: UnsafeMutablePointer<Float> { spaces[2].start }
}
