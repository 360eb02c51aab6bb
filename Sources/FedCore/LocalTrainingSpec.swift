// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What a worker does with the model it is sent, as a run file's `training` section says it.
public struct LocalTrainingSpec: Hashable, Codable, Sendable {
    /// Passes over the worker's data, at least 1; ignored where `steps` is set.
    public var epochs: Int
    /// Optimiser steps instead of whole epochs; 0 returns the model unchanged.
    public var steps: Int?
    /// Examples a step, at least 1; the last batch of an epoch may be smaller.
    public var batchSize: Int
    /// How to step.
    public var optimizer: OptimizerSpec
    /// How the learning rate changes from round to round.
    public var schedule: ScheduleSpec
    /// The gradient's largest Euclidean norm, above 0: a longer one is shortened to it; nil for any.
    public var clipNorm: Float?
    /// Noise on the parameters for the gradient; nil for none.
    public var smoothOut: SmoothOutSpec?
    /// How images are varied; nil for not at all.
    public var augmentation: AugmentationSpec?
    /// The terms whose sum is minimised.
    public var objective: [ObjectiveTerm]
    /// Nothing is trained: running means and variances become those over the batches of so many passes, 1 to 1000. Not a key of
    /// a run file: the last round of a run has it.
    public var statisticsPasses: Int?

    /// A specification with every default visible.
    public init(
        epochs: Int = 1, steps: Int? = nil, batchSize: Int = 32, optimizer: OptimizerSpec,
        schedule: ScheduleSpec = ScheduleSpec(), clipNorm: Float? = nil, smoothOut: SmoothOutSpec? = nil,
        augmentation: AugmentationSpec? = nil, objective: [ObjectiveTerm] = [.crossEntropy()],
        statisticsPasses: Int? = nil
    ) {
        self.epochs = epochs
        self.steps = steps
        self.batchSize = batchSize
        self.optimizer = optimizer
        self.schedule = schedule
        self.clipNorm = clipNorm
        self.smoothOut = smoothOut
        self.augmentation = augmentation
        self.objective = objective
        self.statisticsPasses = statisticsPasses
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case epochs, steps, batchSize, optimizer, schedule, clipNorm, smoothOut, augmentation, objective,
            statisticsPasses
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            epochs: try container.decodeIfPresent(Int.self, forKey: .epochs) ?? 1,
            steps: try container.decodeIfPresent(Int.self, forKey: .steps),
            batchSize: try container.decodeIfPresent(Int.self, forKey: .batchSize) ?? 32,
            optimizer: try container.decode(OptimizerSpec.self, forKey: .optimizer),
            schedule: try container.decodeIfPresent(ScheduleSpec.self, forKey: .schedule) ?? ScheduleSpec(),
            clipNorm: try container.decodeIfPresent(Float.self, forKey: .clipNorm),
            smoothOut: try container.decodeIfPresent(SmoothOutSpec.self, forKey: .smoothOut),
            augmentation: try container.decodeIfPresent(AugmentationSpec.self, forKey: .augmentation),
            objective: try container.decodeIfPresent([ObjectiveTerm].self, forKey: .objective) ?? [.crossEntropy()],
            statisticsPasses: try container.decodeIfPresent(Int.self, forKey: .statisticsPasses))
    }

    /// Throws `CoreError.invalidSpecification` with the first setting that is out of its range.
    public func validate() throws(CoreError) {
        func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(CoreError) {
            guard condition else { throw CoreError(.invalidSpecification, "training." + message()) }
        }
        try require((1...100_000).contains(epochs), "epochs: must be 1 to 100000, not \(epochs)")
        if let steps { try require((0...100_000_000).contains(steps), "steps: must be 0 to 100000000, not \(steps)") }
        try require((1...1_000_000).contains(batchSize), "batchSize: must be 1 to 1000000, not \(batchSize)")
        try optimizer.validate()
        try schedule.validate()
        if let clipNorm {
            try require(clipNorm.isFinite && clipNorm > 0, "clipNorm: must be above 0, not \(clipNorm)")
        }
        if let range = smoothOut?.range {
            try require(range.isFinite && range > 0, "smoothOut.range: must be above 0, not \(range)")
        }
        if let padding = augmentation?.cropPadding {
            try require(
                (0...1024).contains(padding), "augmentation.cropPadding: must be 0 to 1024 pixels, not \(padding)")
        }
        if let statisticsPasses {
            try require(
                (1...1000).contains(statisticsPasses), "statisticsPasses: must be 1 to 1000, not \(statisticsPasses)")
        }
        try validateObjective()
    }

    private func validateObjective() throws(CoreError) {
        func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(CoreError) {
            guard condition else { throw CoreError(.invalidSpecification, "training.objective: " + message()) }
        }
        var crossEntropies = 0
        var adversarials = 0
        var calibrations = 0
        for term in objective {
            switch term {
            case .crossEntropy(let smoothing, let masked):
                crossEntropies += 1
                try require(
                    (0..<1).contains(smoothing), "labelSmoothing must be in [0, 1), not \(smoothing)")
                try require(
                    !masked || smoothing == 0,
                    "masked and labelSmoothing do not go together, since smoothing wants probability for absent "
                        + "classes: remove one")
            case .proximal(let mu):
                try require(mu.isFinite && mu >= 0, "mu must be 0 or more, not \(mu)")
            case .adversarial(let term):
                adversarials += 1
                try term.validate()
            case .calibration(let weight):
                calibrations += 1
                try require((0...1).contains(weight), "calibration.weight: must be in [0, 1], not \(weight)")
            }
        }
        try require(crossEntropies == 1, "list the term cross-entropy once, not \(crossEntropies) times")
        try require(
            adversarials <= 1, "list the term adversarial once; several strengths belong into its key strengths")
        try require(
            calibrations + adversarials <= 1,
            "list the term calibration once, and not together with adversarial: one worker calibrates, another attacks")
    }
}
