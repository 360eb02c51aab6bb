// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Measures a network on labelled data.
public enum Evaluator {
    /// Accuracy and mean cross-entropy of `network` on all of `data`, in evaluation mode.
    ///
    /// `batchSize` decides speed and memory only and is cut to the network's largest batch; the parameters stay as they
    /// are. Throws `TrainingError.shapeMismatch` where data and network do not belong together, or there are no data.
    public static func evaluate(
        network: Network, data: Dataset, batchSize: Int = 256
    ) throws(TrainingError) -> Evaluation {
        precondition(batchSize >= 1, "a batch has at least one example")
        try network.checkFits(data)
        let batchSize = min(batchSize, network.maximumBatch)
        var loss = 0.0
        var correct = 0
        for start in stride(from: 0, to: data.count, by: batchSize) {
            let batch = min(batchSize, data.count - start)
            for row in 0..<batch { network.setExample(row, from: data, at: start + row) }
            network.forward(batch: batch, mode: .evaluation)
            let result = network.crossEntropy(batch: batch)
            loss += result.loss
            correct += result.correct
        }
        return Evaluation(accuracy: Double(correct) / Double(data.count), loss: loss / Double(data.count))
    }
}
