// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// Ascent of the loss that finds the length of its steps by itself, example by example: Auto-PGD (Croce and Hein, ICML 2020,
/// algorithm 1), with the cross-entropy as loss.
///
/// Steps begin at 2ε and have a momentum of 0.75. At checkpoints, which lie closer and closer, an example's step is halved if fewer
/// than three quarters of its steps since the last one raised the loss, or if neither its step nor its largest loss has changed
/// since then; it goes on from the place of its largest loss then, and its momentum begins anew. All memory is allocated
/// once for the network's largest batch.
package final class AutomaticAscent {
    private static let momentum: Float = 0.75
    private static let raisingShare = 0.75

    /// How far the search for one example has come.
    private struct Progress {
        var stepSize: Float = 0
        /// Where the example is.
        var loss = -Double.infinity
        /// The largest so far, and at the last checkpoint.
        var largest = -Double.infinity
        var largestBefore = -Double.infinity
        /// Steps since the last checkpoint that raised the loss.
        var raised = 0
        var wasHalved = false
        /// The place of the largest loss is where the example is.
        var isBest = false
    }

    private let spec: AttackSpec
    private let network: Network
    /// After how many steps the length of steps is looked at, ascending.
    private let checkpoints: [Int]
    /// Where the examples were one step ago.
    private let previous: FloatBuffer
    /// Where a plain step would lead, then what moves the examples.
    private let change: FloatBuffer
    /// The places of the largest losses, with the gradients there.
    private let best: FloatBuffer
    private let bestGradient: FloatBuffer
    private let progress: UnsafeMutableBufferPointer<Progress>

    /// Ascent on the batches of `network`.
    init(_ spec: AttackSpec, on network: Network) {
        self.spec = spec
        self.network = network
        checkpoints = Self.checkpoints(of: spec.steps)
        let count = network.maximumBatch * network.input.count
        previous = FloatBuffer(count: count)
        change = FloatBuffer(count: count)
        best = FloatBuffer(count: count)
        bestGradient = FloatBuffer(count: count)
        progress = .allocate(capacity: network.maximumBatch)
        progress.initialize(repeating: Progress())
    }

    deinit { progress.deallocate() }

    /// The checkpoints of `steps` steps, all different and below `steps`: ⌈p_j · steps⌉ with p_0 = 0, p_1 = 0.22 and
    /// p_{j+1} = p_j + max(p_j − p_{j−1} − 0.03, 0.06) (section 3.2).
    package static func checkpoints(of steps: Int) -> [Int] {
        var result: [Int] = []
        // In hundredths, which are exact.
        var (before, place) = (0, 22)
        while place < 100 {
            let checkpoint = (place * steps + 99) / 100
            if checkpoint < steps, checkpoint > result.last ?? 0 { result.append(checkpoint) }
            (before, place) = (place, place + max(place - before - 3, 6))
        }
        return result
    }

    /// Moves the first `batch` examples of the network's input, which are in `region`, to the places of the largest losses on the
    /// way.
    ///
    /// `visit` is told of every place of every example, the first included, whether the network is right there.
    func run(
        batch: Int, epsilon: Float, in region: AttackRegion, mode: PassMode,
        visit: (_ row: Int, _ isRight: Bool) -> Void
    ) {
        for row in 0..<batch {
            progress[row] = Progress()
            progress[row].stepSize = spec.stepSize(for: epsilon)
        }
        var next = 0
        for step in 0..<spec.steps {
            look(batch: batch, mode: mode, isFirst: step == 0, hasGradient: true, visit: visit)
            if next < checkpoints.count, step == checkpoints[next] {
                let last = next == 0 ? 0 : checkpoints[next - 1]
                for row in 0..<batch { review(row, steps: step - last) }
                next += 1
            }
            for row in 0..<batch { advance(row, in: region, isFirst: step == 0) }
        }
        look(batch: batch, mode: mode, isFirst: spec.steps == 0, hasGradient: false, visit: visit)
        network.inputValues.start.update(from: best.start, count: batch * network.input.count)
    }

    /// Computes losses, and gradients of the sum of all, where the examples are.
    private func look(
        batch: Int, mode: PassMode, isFirst: Bool, hasGradient: Bool, visit: (_ row: Int, _ isRight: Bool) -> Void
    ) {
        let logits = network.forward(batch: batch, mode: mode)
        for row in 0..<batch {
            let (loss, isRight) = network.outcome(of: row, logits: logits)
            visit(row, isRight)
            if isFirst {
                progress[row].largestBefore = loss
            } else if loss > progress[row].loss {
                progress[row].raised += 1
            }
            progress[row].loss = loss
            progress[row].isBest = isFirst || loss > progress[row].largest
            if loss > progress[row].largest { progress[row].largest = loss }
        }
        if hasGradient {
            _ = network.crossEntropy(batch: batch, weight: Float(batch))
            network.backward(batch: batch, parameters: false, input: true)
        }
        for row in 0..<batch where progress[row].isBest {
            copy(row, from: network.inputValues.start, to: best.start)
            if hasGradient { copy(row, from: network.inputGradient.start, to: bestGradient.start) }
        }
    }

    /// Halves the step of an example where the last `steps` steps speak for it (conditions 1 and 2).
    private func review(_ row: Int, steps: Int) {
        let now = progress[row]
        let isLost = Double(now.raised) < Self.raisingShare * Double(steps)
        let isStuck = !now.wasHalved && now.largest == now.largestBefore
        progress[row].wasHalved = isLost || isStuck
        progress[row].largestBefore = now.largest
        progress[row].raised = 0
        guard isLost || isStuck else { return }
        progress[row].stepSize = now.stepSize / 2
        progress[row].loss = now.largest
        copy(row, from: best.start, to: network.inputValues.start)
        copy(row, from: best.start, to: previous.start)
        copy(row, from: bestGradient.start, to: network.inputGradient.start)
    }

    /// Takes one step: z = P(x + η·s(∇)), x ← P(x + α(z − x) + (1 − α)(x − x_previous)), the first one without momentum.
    private func advance(_ row: Int, in region: AttackRegion, isFirst: Bool) {
        let size = network.input.count
        let offset = row * size
        let places = network.inputValues.start
        copy(row, from: places, to: change.start)
        region.ascend(
            change.start, along: network.inputGradient.start, rows: row..<(row + 1), length: progress[row].stepSize)
        guard !isFirst else {
            copy(row, from: places, to: previous.start)
            copy(row, from: change.start, to: places)
            return
        }
        for index in offset..<(offset + size) {
            let place = places[index]
            change.start[index] =
                Self.momentum * (change.start[index] - place) + (1 - Self.momentum) * (place - previous.start[index])
            previous.start[index] = place
        }
        region.move(places, by: change.start, row: row)
    }

    private func copy(_ row: Int, from source: UnsafeMutablePointer<Float>, to target: UnsafeMutablePointer<Float>) {
        let size = network.input.count
        (target + row * size).update(from: source + row * size, count: size)
    }
}
