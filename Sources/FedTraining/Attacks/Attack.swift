// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Moves the examples of a network's batch to where its loss is high: projected gradient ascent (Madry et al., ICLR 2018,
/// eq. 3; with one step from the example itself FGSM, Goodfellow et al., ICLR 2015, section 4).
///
/// What is ascended is the plain cross-entropy of the labels with the network as in evaluation, without dropout, and each
/// example on its own, unless the network normalises by its batch. Every step keeps every example within ε and in [0, 1]; both hold
/// exactly, not up to rounding. All memory is allocated once for the network's largest batch; parameters have no part
/// in the gradients and stay as they are.
final class Attack {
    /// How the search goes; `epsilon` there is not looked at.
    let spec: AttackSpec

    private let network: Network
    /// The examples before the attack.
    private let clean: FloatBuffer
    /// The smallest and largest value allowed for each of an example, for `linf`.
    private let lower: FloatBuffer
    private let upper: FloatBuffer
    /// The examples with the largest loss of all starts so far, and those losses; for several starts.
    private let worst: FloatBuffer
    private let worstLoss: UnsafeMutableBufferPointer<Double>
    private let keys: UnsafeMutableBufferPointer<UInt64>
    private let fooled: UnsafeMutableBufferPointer<Bool>

    /// An attack on the batches of `network`.
    init(_ spec: AttackSpec, on network: Network) {
        self.spec = spec
        self.network = network
        let count = network.maximumBatch * network.input.count
        clean = FloatBuffer(count: count)
        lower = FloatBuffer(count: spec.norm == .linf ? count : 0)
        upper = FloatBuffer(count: spec.norm == .linf ? count : 0)
        worst = FloatBuffer(count: spec.restarts > 1 ? count : 0)
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

    /// Whether a start of the last judged run ended where the network errs on example `row`.
    func hasFooled(_ row: Int) -> Bool { fooled[row] }

    /// Attacks the first `batch` examples of the network's input, which are in [0, 1] and are overwritten, at the strength
    /// `epsilon`.
    ///
    /// The network is attacked through `branch`. Of several starts the one with the largest loss stays. The result for
    /// an example depends on itself, its label, its key and the network, and on how many others there are only by the
    /// rounding of linear layers, which multiply small and large batches differently. `judged`: look whether the network
    /// errs in the end, for `hasFooled`.
    func run(batch: Int, epsilon: Float, branch: PassMode.Branch, judged: Bool = false) {
        let count = batch * network.input.count
        let mode = PassMode(statistics: network.usedStatistics, branch: branch)
        clean.start.update(from: network.inputValues.start, count: count)
        if spec.norm == .linf, epsilon > 0 {
            fed_attack_bounds(lower.start, upper.start, clean.start, count, epsilon)
        }
        for start in 0..<spec.restarts {
            if start > 0 { restoreClean(batch: batch) }
            if epsilon > 0 {
                if spec.randomStart { startAtRandom(batch: batch, epsilon: epsilon, start: start) }
                for _ in 0..<spec.steps { step(batch: batch, epsilon: epsilon, mode: mode) }
            }
            if judged || spec.restarts > 1 { judge(batch: batch, isFirst: start == 0, mode: mode) }
        }
        if spec.restarts > 1 { network.inputValues.start.update(from: worst.start, count: count) }
    }

    /// Puts the examples back that the last run found.
    func restoreClean(batch: Int) {
        network.inputValues.start.update(from: clean.start, count: batch * network.input.count)
    }

    /// Moves every example to a place uniform in the box or ball of `epsilon` around it, then into [0, 1].
    private func startAtRandom(batch: Int, epsilon: Float, start: Int) {
        let size = network.input.count
        for row in 0..<batch {
            let offset = row * size
            let stream = SeededGenerator(key: keys[row]).stream("start", UInt64(start))
            switch spec.norm {
            case .linf:
                fed_attack_start(
                    network.inputValues.start + offset, clean.start + offset, lower.start + offset,
                    upper.start + offset, size, epsilon, stream.key)
            case .l2:
                startInBall(row, epsilon: epsilon, stream: stream)
            }
        }
    }

    /// A direction of normal variates, and a length whose power of the number of dimensions is uniform (Muller, CACM
    /// 1959).
    private func startInBall(_ row: Int, epsilon: Float, stream: SeededGenerator) {
        var stream = stream
        let size = network.input.count
        let direction = network.inputGradient.start + row * size
        for index in 0..<size { direction[index] = Float(NormalDistribution.sample(using: &stream)) }
        let volume = max(stream.nextUnitDouble(), 0x1p-54)
        let length = epsilon * Float(fed_exp(fed_log(volume) / Double(size)))
        fed_attack_norm_step(
            network.inputValues.start + row * size, direction, clean.start + row * size, size, length, epsilon)
    }

    private func step(batch: Int, epsilon: Float, mode: PassMode) {
        network.forward(batch: batch, mode: mode)
        // The gradient of the sum of the losses: an example's own does not depend on how many there are.
        _ = network.crossEntropy(batch: batch, weight: Float(batch))
        network.backward(batch: batch, parameters: false, input: true)
        let size = network.input.count
        let length = spec.stepSize(for: epsilon)
        switch spec.norm {
        case .linf:
            fed_attack_sign_step(
                network.inputValues.start, network.inputGradient.start, lower.start, upper.start, batch * size, length)
        case .l2:
            for offset in stride(from: 0, to: batch * size, by: size) {
                fed_attack_norm_step(
                    network.inputValues.start + offset, network.inputGradient.start + offset, clean.start + offset,
                    size,
                    length, epsilon)
            }
        }
    }

    /// Looks at where a start has led.
    private func judge(batch: Int, isFirst: Bool, mode: PassMode) {
        let logits = network.forward(batch: batch, mode: mode)
        let size = network.input.count
        for row in 0..<batch {
            let (loss, isCorrect) = network.outcome(of: row, logits: logits)
            fooled[row] = !isCorrect || (!isFirst && fooled[row])
            guard spec.restarts > 1, isFirst || loss > worstLoss[row] else { continue }
            worstLoss[row] = loss
            (worst.start + row * size).update(from: network.inputValues.start + row * size, count: size)
        }
    }
}
