// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
internal import FedStrategies

/// Runs of which only some workers train adversarially.
extension RunConfig {
    /// The attack of those that do where a run file names none: PGD with 7 steps within 8/255 (Hong et al., AAAI 2023, section
    /// 5).
    public static let adversarialObjective: [ObjectiveTerm] = [
        .crossEntropy(), .adversarial(AdversarialTerm(attack: .pgd(epsilon: 8 / 255, steps: 7))),
    ]

    /// What such a run means where its file says nothing.
    mutating func fillInAdversarialTraining(from container: KeyedDecodingContainer<CodingKeys>) throws {
        guard strategy.trainsSomeAdversarially else { return }
        let ownTraining = try container.nestedContainer(keyedBy: LocalTrainingSpec.CodingKeys.self, forKey: .training)
        if !ownTraining.contains(.objective) { training.objective = Self.adversarialObjective }
        let ownModel = try container.nestedContainer(keyedBy: ModelSpec.CodingKeys.self, forKey: .model)
        if strategy.propagatesRobustness, !ownModel.contains(.normalization) { model.normalization = .dualShared }
        // With fatbn the second of two batch norms is of use to those only that train adversarially.
        let hasBothBranches = strategy.propagatesRobustness || !strategy.keepsNormalization
        guard model.normalization.isDual, hasBothBranches else { return }
        if container.contains(.evaluation) {
            let own = try container.nestedContainer(keyedBy: EvaluationSection.CodingKeys.self, forKey: .evaluation)
            guard !own.contains(.adversarialShare) else { return }
        }
        evaluation.adversarialShare = 1
    }

    /// What each kind of worker does in a round once all warm-up is over; empty where all train alike.
    package var trainingByKind: [(kind: String, training: LocalTrainingSpec)] {
        guard let mixed = strategy.adversarialTraining else { return [] }
        func training(isAdversarial: Bool, knowsStatistics: Bool) -> LocalTrainingSpec {
            var training = self.training
            training.objective = mixed.objective(
                training.objective, isAdversarial: isAdversarial, knowsStatistics: knowsStatistics, in: RoundID(Int.max)
            )
            return training
        }
        var kinds = [
            ("standard", training(isAdversarial: false, knowsStatistics: false)),
            ("adversarial", training(isAdversarial: true, knowsStatistics: false)),
        ]
        let calibrating = training(isAdversarial: false, knowsStatistics: true)
        if calibrating != kinds[0].1 { kinds.append(("calibrating", calibrating)) }
        return kinds
    }

    /// What goes together with adversarial training by some.
    func validateAdversarialTraining() throws(ConfigurationError) {
        guard strategy.trainsSomeAdversarially else { return }
        try Self.require(
            training.adversarialTerm != nil,
            "training.objective: with \(strategy.name) it is that of workers that train adversarially; add the term adversarial, or "
                + "remove the key for PGD with 7 steps within 8/255")
        guard strategy.propagatesRobustness else { return }
        try Self.require(
            (training.adversarialTerm?.weight ?? 0) < 1,
            "training.objective: with \(strategy.name) the adversarial term has a weight below 1, since workers are compared by the "
                + "statistics of clean inputs, which a weight of 1 never looks at; set it to 0.5")
        try Self.require(
            model.normalization == .dualShared,
            "model.normalization: \(strategy.name) propagates the statistics of a second batch norm with the scale and shift of the "
                + "first; set it to dual-shared, or remove the key")
        try Self.require(
            model.statistics == .averaged || model.statistics == .local,
            "model.statistics: with \(strategy.name) each worker has running statistics of its own; remove the key")
    }
}
