// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// What the coordinator needs of the model it coordinates, handed over by the program that knows how to train.
public struct CentralModel: Sendable {
    /// Order, shapes and roles of the parameters.
    public var layout: ModelLayout
    /// What the model takes; nil where only the layout says so.
    public var examples: ExampleShape?
    /// What the classes are called; nil for 0, 1, ….
    public var classNames: [String]?
    /// The model that the run starts from; the same generator gives the same bits.
    public var initialParameters: @Sendable (SeededGenerator) throws -> ParameterVector
    /// How good a model is on the central test split; nil where there is none.
    public var evaluate: (@Sendable (ParameterVector) throws -> Evaluation)?

    /// Bundles them.
    public init(
        layout: ModelLayout, examples: ExampleShape? = nil, classNames: [String]? = nil,
        initialParameters: @escaping @Sendable (SeededGenerator) throws -> ParameterVector,
        evaluate: (@Sendable (ParameterVector) throws -> Evaluation)?
    ) {
        self.layout = layout
        self.examples = examples
        self.classNames = classNames
        self.initialParameters = initialParameters
        self.evaluate = evaluate
    }

    /// What the file of the run's last model says of itself; nil where nobody knows what the model takes.
    package func card(of config: RunConfig) -> ModelCard? {
        examples.map {
            ModelCard(model: config.network, examples: $0, dataset: config.data.dataset, classNames: classNames)
        }
    }
}
