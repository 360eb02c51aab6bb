// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// What the coordinator needs of the model it coordinates, handed over by the program that knows how to train.
public struct CentralModel: Sendable {
    /// Order, shapes and roles of the parameters that travel, which are all that the coordinator knows.
    public var layout: ModelLayout { parts.travelling }
    /// Which of the network's parameters travel, and which each worker has for itself.
    public var parts: ModelParts
    /// What the parameters that do not travel begin with; the model's file has these. Empty where all travel.
    public var initialOwn: [Float]
    /// Where the narrower networks lie that the run trains within the model, itself the last; empty where it trains none.
    public var levels: [NestedLevel]
    /// What the model takes; nil where only the layout says so.
    public var examples: ExampleShape?
    /// What the classes are called; nil for 0, 1, ….
    public var classNames: [String]?
    /// What travels of the model that the run starts from; the same generator gives the same bits.
    public var initialParameters: @Sendable (SeededGenerator) throws -> ParameterVector
    /// How good a model is on the central test split; nil where there is none, or where a model is one only with what a
    /// worker has for itself.
    public var evaluate: (@Sendable (ParameterVector) throws -> Evaluation)?

    /// Bundles them; `layout` is that of the whole network, of which everything travels unless `parts` divide it.
    public init(
        layout: ModelLayout, parts: ModelParts? = nil, initialOwn: [Float] = [], levels: [NestedLevel] = [],
        examples: ExampleShape? = nil,
        classNames: [String]? = nil,
        initialParameters: @escaping @Sendable (SeededGenerator) throws -> ParameterVector,
        evaluate: (@Sendable (ParameterVector) throws -> Evaluation)?
    ) {
        self.parts = parts ?? ModelParts(layout, keeping: [])
        self.initialOwn = initialOwn
        self.levels = levels
        self.examples = examples
        self.classNames = classNames
        self.initialParameters = initialParameters
        self.evaluate = evaluate
    }

    /// The whole model that is made of what travels and what the other parameters begin with.
    package func whole(_ parameters: ParameterVector) throws(CoreError) -> ParameterVector {
        try ParameterVector(layout: parts.whole, values: parts.joined(parameters.values, own: initialOwn))
    }

    /// What the file of the run's last model says of itself; nil where nobody knows what the model takes.
    package func card(of config: RunConfig) -> ModelCard? {
        examples.map { examples in
            var card = ModelCard(
                model: config.network, examples: examples, dataset: config.data.dataset, classNames: classNames,
                robustness: config.evaluation.adversarialShare)
            if !parts.isWhole { card.workersOwn = ParameterRole.allCases.filter(config.ownRoles.contains) }
            return card
        }
    }
}
