// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// A worker's own model: what all share, as the worker last trained it, with the parameters that only this worker has.
public struct PersonalModel: Sendable {
    /// The run that it is of.
    public let run: RunID
    /// The round that it was trained in.
    public let round: RoundID
    /// What it is.
    public let card: ModelCard
    /// All parameters of the network.
    public let parameters: ParameterVector
}
