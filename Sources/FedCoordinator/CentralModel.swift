// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// What the coordinator needs of the model it coordinates, handed over by the program that knows how to train.
public struct CentralModel: Sendable {
    /// Order, shapes and roles of the parameters.
    public var layout: ModelLayout
    /// The model that the run starts from; the same generator gives the same bits.
    public var initialParameters: @Sendable (SeededGenerator) throws -> ParameterVector
    /// How good a model is on the central test split; nil where there is none.
    public var evaluate: (@Sendable (ParameterVector) throws -> Evaluation)?

    /// Bundles the three.
    public init(
        layout: ModelLayout, initialParameters: @escaping @Sendable (SeededGenerator) throws -> ParameterVector,
        evaluate: (@Sendable (ParameterVector) throws -> Evaluation)?
    ) {
        self.layout = layout
        self.initialParameters = initialParameters
        self.evaluate = evaluate
    }
}
