// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import FedTraining

/// What a model is worth at every width and robustness that it can be cut to.
public struct ModelSweep: Sendable {
    /// One cut of the model.
    public struct Point: Hashable, Codable, Sendable {
        /// The width of its base networks together.
        public var width: WidthRatio
        /// How many base networks that are.
        public var bases: Int
        /// λ in [0, 1], by which batch norms are mixed.
        public var robustness: Float
        /// Parameters that gradients trained.
        public var parameters: Int
        /// Multiplications of one example's forward pass in linear and convolution layers.
        public var multiplications: Int
        /// Share of examples classified correctly, in [0, 1].
        public var accuracy: Double
        /// Mean cross-entropy, in nats.
        public var loss: Double
        /// Share classified correctly in spite of the attack; nil without one.
        public var robustAccuracy: Double?
        /// How long it took from the whole model in memory to a network of this cut that is ready for an example.
        public var switchSeconds: Double

        /// What was measured at one cut.
        package init(
            width: WidthRatio, bases: Int, robustness: Float, parameters: Int, multiplications: Int, accuracy: Double,
            loss: Double, robustAccuracy: Double?, switchSeconds: Double
        ) {
            self.width = width
            self.bases = bases
            self.robustness = robustness
            self.parameters = parameters
            self.multiplications = multiplications
            self.accuracy = accuracy
            self.loss = loss
            self.robustAccuracy = robustAccuracy
            self.switchSeconds = switchSeconds
        }
    }

    /// What is measured, and on what.
    public struct Settings: Sendable {
        /// The widths, each of which the model can be cut to.
        public var widths: [WidthRatio]
        /// The values of λ, in [0, 1].
        public var robustness: [Float]
        /// What robust accuracy is measured under; nil for none.
        public var attack: AttackSpec?
        /// The attack is made on so many examples, drawn once; nil for all.
        public var robustExamples: Int?
        /// What examples and random starts of the attack are drawn by.
        public var seed: UInt64 = 1
        /// On how many threads.
        public var threads = 1

        /// Every doubling of a base network, the whole model, and where batch norms are dual the five values of λ of the
        /// paper (Split-Mix, Hong et al., ICLR 2022), without an attack.
        public init(for model: TrainedModel) {
            if model.card.model.levels.isEmpty {
                let last = model.card.model.bases
                let doublings = (0..<20).map { 1 << $0 }.filter { $0 < last } + [last]
                widths = doublings.map { model.widths[$0 - 1] }
            } else {
                widths = model.widths
            }
            robustness = model.card.model.normalization.isDual ? [0, 0.2, 0.5, 0.8, 1] : [0]
        }
    }

    /// What was measured, width by width and for each the values of λ, in the order of the settings.
    public let points: [Point]

    /// Measures all cuts of `model` on `data`; `progress` gets each as soon as it is known.
    ///
    /// Throws `ModelError` for a width or robustness that the model cannot have and data that it does not take, and
    /// `TrainingError`.
    public init(
        _ model: TrainedModel, on data: Dataset, settings: Settings, clock: some Clock<Duration> = ContinuousClock(),
        progress: (Point) -> Void = { _ in }
    ) throws {
        var points: [Point] = []
        // Refused before hours of work, not after.
        for width in settings.widths { _ = try model.customized(width: width) }
        for share in settings.robustness { _ = try model.customized(robustness: share) }
        for width in settings.widths {
            for share in settings.robustness {
                var ready: TrainedModel?
                let time = try clock.measure {
                    let cut = try model.customized(width: width, robustness: share)
                    _ = try cut.makeNetwork(maximumBatch: 1)
                    ready = cut
                }
                guard let cut = ready else { preconditionFailure("the model was cut") }
                let result = try cut.evaluate(
                    on: data, attack: settings.attack, robustExamples: settings.robustExamples, seed: settings.seed,
                    threads: settings.threads)
                let size = try cut.size
                let point = Point(
                    width: width, bases: cut.card.model.bases, robustness: share, parameters: size.trainedParameters,
                    multiplications: size.multiplications, accuracy: result.accuracy, loss: result.loss,
                    robustAccuracy: result.robustAccuracy,
                    switchSeconds: Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18)
                points.append(point)
                progress(point)
            }
        }
        self.points = points
    }

    /// What was measured before.
    package init(points: [Point]) { self.points = points }
}
