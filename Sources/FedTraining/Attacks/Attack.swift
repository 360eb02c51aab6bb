// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// Moves the examples of a network's batch to where its loss is high: projected gradient ascent (Madry et al., ICLR 2018,
/// eq. 3; with one step from the example itself FGSM, Goodfellow et al., ICLR 2015, section 4), or `AutomaticAscent`.
///
/// What is ascended is the plain cross-entropy of the labels with the network as in evaluation, without dropout, and each
/// example on its own, unless the network normalises by its batch. Every step keeps every example within ε and in [0, 1]; both hold
/// exactly, not up to rounding. All memory is allocated once for the network's largest batch; parameters have no part
/// in the gradients and stay as they are.
final class Attack {
    /// How the search goes; `epsilon` there is not looked at.
    let spec: AttackSpec

    private let network: Network
    private let region: AttackRegion
    /// For `apgd`.
    private let automatic: AutomaticAscent?
    /// The examples with the largest loss of all starts so far, and those losses; for several starts.
    private let worst: FloatBuffer
    private let worstLoss: UnsafeMutableBufferPointer<Double>
    private let keys: UnsafeMutableBufferPointer<UInt64>
    private let fooled: UnsafeMutableBufferPointer<Bool>

    /// An attack on the batches of `network`.
    init(_ spec: AttackSpec, on network: Network) {
        self.spec = spec
        self.network = network
        region = AttackRegion(spec.norm, on: network)
        automatic = spec.method == .apgd ? AutomaticAscent(spec, on: network) : nil
        worst = FloatBuffer(count: spec.restarts > 1 ? network.maximumBatch * network.input.count : 0)
        worstLoss = .allocate(capacity: network.maximumBatch)
        worstLoss.initialize(repeating: 0)
        keys = .allocate(capacity: network.maximumBatch)
        keys.initialize(repeating: 0)
        fooled = .allocate(capacity: network.maximumBatch)
        fooled.initialize(repeating: false)
    }

    deinit {
        worstLoss.deallocate()
        keys.deallocate()
        fooled.deallocate()
    }

    /// Names the stream that the random starts of example `row` are drawn from.
    func setKey(_ key: UInt64, of row: Int) { keys[row] = key }

    /// Whether a start of the last judged run ended where the network errs on example `row`; with `apgd`, or led over such a
    /// place.
    func hasFooled(_ row: Int) -> Bool { fooled[row] }

    /// Attacks the first `batch` examples of the network's input, which are in [0, 1] and are overwritten, at the strength
    /// `epsilon`.
    ///
    /// The network is attacked through `branch`. Of several starts the one with the largest loss stays. The result for
    /// an example depends on itself, its label, its key and the network, and on how many others there are only by the
    /// rounding of linear layers, which multiply small and large batches differently. `judged`: look whether the network
    /// errs in the end, for `hasFooled`. `afterStart` is called after each start, when the network's input is what it found.
    func run(
        batch: Int, epsilon: Float, branch: PassMode.Branch, judged: Bool = false, afterStart: () -> Void = {}
    ) {
        let mode = PassMode(statistics: network.usedStatistics, branch: branch)
        region.surround(network.inputValues.start, batch: batch, epsilon: epsilon)
        for row in 0..<batch { fooled[row] = false }
        for start in 0..<spec.restarts {
            if start > 0 { restoreClean(batch: batch) }
            if epsilon > 0 {
                if spec.randomStart { startAtRandom(batch: batch, start: start) }
                ascend(batch: batch, epsilon: epsilon, mode: mode)
            }
            afterStart()
            if judged || spec.restarts > 1 { judge(batch: batch, isFirst: start == 0, mode: mode) }
        }
        if spec.restarts > 1 {
            network.inputValues.start.update(from: worst.start, count: batch * network.input.count)
        }
    }

    /// Puts the examples back that the last run found.
    func restoreClean(batch: Int) { region.copyMiddle(to: network.inputValues.start, batch: batch) }

    private func startAtRandom(batch: Int, start: Int) {
        for row in 0..<batch {
            region.scatter(
                network.inputValues.start, row: row,
                stream: SeededGenerator(key: keys[row]).stream("start", UInt64(start)),
                scratch: network.inputGradient.start)
        }
    }

    private func ascend(batch: Int, epsilon: Float, mode: PassMode) {
        if let automatic {
            automatic.run(batch: batch, epsilon: epsilon, in: region, mode: mode) { row, isRight in
                if !isRight { fooled[row] = true }
            }
            return
        }
        for _ in 0..<spec.steps {
            network.forward(batch: batch, mode: mode)
            // The gradient of the sum of the losses: an example's own does not depend on how many there are.
            _ = network.crossEntropy(batch: batch, weight: Float(batch))
            network.backward(batch: batch, parameters: false, input: true)
            region.ascend(
                network.inputValues.start, along: network.inputGradient.start, rows: 0..<batch,
                length: spec.stepSize(for: epsilon))
        }
    }

    /// Looks at where a start has led.
    private func judge(batch: Int, isFirst: Bool, mode: PassMode) {
        let logits = network.forward(batch: batch, mode: mode)
        let size = network.input.count
        for row in 0..<batch {
            let (loss, isCorrect) = network.outcome(of: row, logits: logits)
            if !isCorrect { fooled[row] = true }
            guard spec.restarts > 1, isFirst || loss > worstLoss[row] else { continue }
            worstLoss[row] = loss
            (worst.start + row * size).update(from: network.inputValues.start + row * size, count: size)
        }
    }
}
