// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// A model as it stood after a round, with what the next round needs besides.
public struct Checkpoint: Equatable, Sendable {
    /// The run.
    public var run: RunID
    /// How many rounds the model has been through.
    public var version: ModelVersion
    /// The model.
    public var parameters: ParameterVector
    /// Named vectors beside the model, such as a server optimiser's moments; any lengths.
    public var state: [String: [Float]]
    /// Short texts beside the model. The names `run`, `version`, `sha256` and `format` are taken.
    public var notes: [String: String]

    /// A checkpoint.
    public init(
        run: RunID, version: ModelVersion, parameters: ParameterVector, state: [String: [Float]] = [:],
        notes: [String: String] = [:]
    ) {
        self.run = run
        self.version = version
        self.parameters = parameters
        self.state = state
        self.notes = notes
    }
}
