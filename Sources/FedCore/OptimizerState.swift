// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What an optimiser has gathered by the end of a training, so that the next one can go on from there.
public struct OptimizerState: Hashable, Sendable {
    /// What a vector holds.
    public enum Quantity: String, NamedChoice, Sendable {
        /// The velocity of `sgd` and `rmsprop`, the running mean of gradients of `qhm` and `adamw`.
        case momentum
        /// The sum or running mean of squared gradients; 0 or more.
        case square
    }

    /// One number for each parameter of the model.
    public struct Vector: Hashable, Sendable {
        /// What it holds.
        public var quantity: Quantity
        /// In layout order; 0 for what is not trained.
        public var values: [Float]

        /// A vector.
        public init(_ quantity: Quantity, _ values: [Float]) {
            self.quantity = quantity
            self.values = values
        }
    }

    /// No state counts more steps.
    public static let maximumSteps = Int(Int32.max)

    /// The rule that gathered it.
    public var rule: OptimizerSpec.Name
    /// Steps made so far, 0 to `maximumSteps`.
    public var steps: Int
    /// As `OptimizerSpec.quantities` orders them.
    public var vectors: [Vector]

    /// A state that was gathered before.
    public init(rule: OptimizerSpec.Name, steps: Int, vectors: [Vector]) {
        self.rule = rule
        self.steps = steps
        self.vectors = vectors
    }

    /// Throws `CoreError` unless an optimiser that steps by `rule` on a model of `count` parameters can go on from here.
    ///
    /// `.invalidSpecification` for the state of another rule, `.countMismatch` for that of another model, and
    /// `.valueOutOfRange` for numbers that no training leaves behind.
    public func validate(for rule: OptimizerSpec, count: Int) throws(CoreError) {
        guard self.rule == rule.name, vectors.map(\.quantity) == rule.quantities else {
            throw CoreError(
                .invalidSpecification,
                "the optimiser's state is that of \(self.rule.rawValue) with \(vectors.count) vectors, but "
                    + "training.optimizer is \(rule.name.rawValue) with \(rule.quantities.count)")
        }
        guard (0...Self.maximumSteps).contains(steps) else {
            throw CoreError(.valueOutOfRange, "the optimiser's state counts \(steps) steps")
        }
        for vector in vectors {
            guard vector.values.count == count else {
                throw CoreError(
                    .countMismatch,
                    "the optimiser's state is that of \(vector.values.count) parameters, but the model has \(count)")
            }
            let least: Float = vector.quantity == .square ? 0 : -.greatestFiniteMagnitude
            for value in vector.values where !(value >= least && value <= .greatestFiniteMagnitude) {
                throw CoreError(
                    .valueOutOfRange,
                    "the optimiser's \(vector.quantity.rawValue) holds a value that is not finite, or a negative square"
                )
            }
        }
    }
}

extension OptimizerSpec {
    /// What the rule gathers, in the order in which a state holds it; empty for descent without momentum.
    public var quantities: [OptimizerState.Quantity] {
        switch name {
        case .sgd: momentum == 0 ? [] : [.momentum]
        case .adamw: [.momentum, .square]
        case .qhm: [.momentum]
        case .adagrad: [.square]
        case .rmsprop: momentum == 0 ? [.square] : [.square, .momentum]
        }
    }
}
