// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore

extension Network {
    /// The mean objective of a few examples, at most `maximumBatch`, without its proximal term, and its gradient in layout
    /// order; moves running statistics as training does.
    ///
    /// Random starts of example i are drawn from `generator.stream("example", i)`, the strength of a mixed term from
    /// `generator.stream("strength")`. For checks of the objective itself; training goes through `LocalTraining`.
    package func lossAndGradient(
        images: [Float], labels: [Int32], objective: [ObjectiveTerm], generator: SeededGenerator
    ) -> (loss: Double, gradient: [Float]) {
        let batch = setExamples(images, labels: labels)
        let objective = Objective(objective, on: self)
        for row in 0..<batch { objective.setAttackKey(generator.stream("example", UInt64(row)).key, of: row) }
        let result = objective.pass(
            batch: batch, dropout: generator.stream("dropout"), strength: generator.stream("strength"))
        return (result.loss / Double(batch), gradientValues.values)
    }
}
