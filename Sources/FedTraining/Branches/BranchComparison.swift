// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// What both branches of a network with dual batch norms make of the examples of a batch: their logits, and how unusual
/// each example is to each branch.
///
/// Takes a forward pass through each branch. The features of an example are, for each batch norm, its distances
/// (`BatchNormLayer.writeDistances`) from the clean branch on the pass through that one, then, again for each, those from the
/// adversarial branch on the pass through that one: a detector weighs them against each other. Their differences alone would lose
/// how far an example is from both. A network belongs to one comparison at a time; all memory is allocated once.
final class BranchComparison {
    /// How many features an example has.
    let featureCount: Int

    private let network: Network
    /// How many distances an example has from one branch.
    private let distanceCount: Int
    private let distances: UnsafeMutableBufferPointer<Double>
    private let clean: FloatBuffer
    private let adversarial: FloatBuffer
    /// The logits of the branches that were chosen.
    private let chosen: FloatBuffer

    /// A comparison of the batches of `network`; nil where it has no dual batch norms with running statistics.
    init?(on network: Network) {
        guard let count = network.branchFeatures else { return nil }
        featureCount = count
        distanceCount = count / 2
        self.network = network
        // A row an example.
        distances = .allocate(capacity: network.maximumBatch * count)
        distances.initialize(repeating: 0)
        clean = FloatBuffer(count: network.maximumBatch * network.classes)
        adversarial = FloatBuffer(count: network.maximumBatch * network.classes)
        chosen = FloatBuffer(count: network.maximumBatch * network.classes)
    }

    deinit { distances.deallocate() }

    /// Compares the branches on the first `batch` examples of the network's input.
    func run(batch: Int) {
        pass(isAdversarial: false, batch: batch, logits: clean)
        pass(isAdversarial: true, batch: batch, logits: adversarial)
    }

    private func pass(isAdversarial: Bool, batch: Int, logits: FloatBuffer) {
        let mode = PassMode(statistics: .running, branch: isAdversarial ? .adversarial : .clean)
        logits.start.update(from: network.forward(batch: batch, mode: mode), count: batch * network.classes)
        guard var target = distances.baseAddress else { return }
        if isAdversarial { target += distanceCount }
        network.forEachNormalization { [featureCount] layer, input in
            layer.writeDistances(
                of: input, batch: batch, isAdversarial: isAdversarial, to: target, stride: featureCount)
            target += layer.distanceCount
        }
    }

    /// The features of example `row` of the last run.
    func features(of row: Int) -> [Double] { Array(distances[row * featureCount..<(row + 1) * featureCount]) }

    /// The logits of the last run's examples, each through the branch that `detector`, of as many features, chooses for it, and of
    /// each whether that is the adversarial one; the logits are valid until the next call.
    func choose(by detector: BranchDetector, batch: Int) -> (logits: UnsafeMutablePointer<Float>, detected: [Bool]) {
        let detected = (0..<batch).map { detector.detects(features(of: $0)) }
        for row in 0..<batch {
            let source = detected[row] ? adversarial : clean
            let offset = row * network.classes
            (chosen.start + offset).update(from: source.start + offset, count: network.classes)
        }
        return (chosen.start, detected)
    }
}
