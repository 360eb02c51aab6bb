// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// Memory that a network's layers use one after the other.
///
/// While a network is built, every layer requests what it needs; `allocate` then makes room for the largest requests.
final class WorkingMemory {
    private let storedBatch: Int
    private var largest: [(chain: Int, spare: Int)] = []
    private var buffers: [(first: FloatBuffer, second: FloatBuffer, spare: FloatBuffer)] = []
    private var largestSpaces = [0, 0, 0]
    private var spaces: [[FloatBuffer]] = []
    private var largestSum = 0
    private var sumBuffers: [FloatBuffer] = []
    /// What layers spread blocks of examples over.
    let team: ThreadTeam

    /// Sums over blocks are added up in so many groups, whatever the number of threads: so the threads do not decide the
    /// order, and with it the last bits.
    static let maximumGroups = 4

    /// Memory for batches of at most `maximumBatch` examples and passes on `threads` threads.
    init(maximumBatch: Int, threads: Int) {
        team = ThreadTeam(threads: threads)
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

    /// Asks for a sum of `count` floats for each group of blocks.
    func request(sum count: Int) {
        largestSum = max(largestSum, count)
    }

    /// Ends the requests.
    func allocate() {
        buffers = largest.map { counts in
            (
                FloatBuffer(count: storedBatch * counts.chain), FloatBuffer(count: storedBatch * counts.chain),
                FloatBuffer(count: storedBatch * counts.spare)
            )
        }
        spaces = (0..<team.threads).map { _ in largestSpaces.map { FloatBuffer(count: $0) } }
        let groups = min(Self.maximumGroups, storedBatch / Arrangement.width)
        sumBuffers = (0..<groups).map { _ in FloatBuffer(count: largestSum) }
    }

    /// The buffer for the next gradient of a chain whose present one is `current`: one of two, in turn.
    func next(after current: UnsafeMutablePointer<Float>, depth: Int) -> UnsafeMutablePointer<Float> {
        let (first, second, _) = buffers[depth]
        return current == first.start ? second.start : first.start
    }

    /// The buffer that a residual layer at `depth` collects its shortcut's gradient in.
    func spare(depth: Int) -> UnsafeMutablePointer<Float> { buffers[depth].spare.start }

    /// Space `number` (0, 1 or 2) of a part of the team.
    func space(_ number: Int, part: Int) -> UnsafeMutablePointer<Float> { spaces[part][number].start }

    /// Adds up `count` values over the blocks of a batch: `add` is called for each block, with its first example and the
    /// part that does it, to add its values to `sum`. Returns the total.
    func sum(
        _ count: Int, batch: Int, add: (_ start: Int, _ part: Int, _ sum: UnsafeMutablePointer<Float>) -> Void
    ) -> UnsafeMutablePointer<Float> {
        let blocks = Arrangement.blocks.stored(batch) / Arrangement.width
        let groups = min(Self.maximumGroups, blocks)
        team.forEach(groups) { group, part in
            let sum = sumBuffers[group].start
            sum.update(repeating: 0, count: count)
            for block in (group * blocks / groups)..<((group + 1) * blocks / groups) {
                add(block * Arrangement.width, part, sum)
            }
        }
        for group in 1..<max(groups, 1) { fed_add(sumBuffers[0].start, sumBuffers[group].start, count) }
        return sumBuffers[0].start
    }

    /// Calls `body` for each block of a batch, with its first example and the part that does it.
    func forEachBlock(batch: Int, _ body: (_ start: Int, _ part: Int) -> Void) {
        team.forEach(Arrangement.blocks.stored(batch) / Arrangement.width) { block, part in
            body(block * Arrangement.width, part)
        }
    }
}
