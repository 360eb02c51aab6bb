// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// What a round starts from: the model, and what has to be remembered of earlier rounds besides.
public struct ServerModel: Equatable, Sendable {
    /// The model.
    public var parameters: ParameterVector
    /// Named vectors, each of as many values as the model in layout order: the server optimiser's moments, the
    /// residual of the downlink. Names are letters, digits, `.` and `-`.
    public var state: [String: [Float]]

    /// A model with what is remembered besides it.
    public init(parameters: ParameterVector, state: [String: [Float]] = [:]) {
        self.parameters = parameters
        self.state = state
    }

    /// Takes a vector out of the state, so that it can be changed in place; all `initial` where there is none yet.
    ///
    /// Throws `StrategyError.invalidState` for a vector of another length than the model's.
    mutating func take(_ name: String, initial: Float) throws(StrategyError) -> [Float] {
        guard let vector = state.removeValue(forKey: name) else {
            return [Float](repeating: initial, count: parameters.values.count)
        }
        guard vector.count == parameters.values.count else {
            throw StrategyError(
                .invalidState,
                "the saved \(name) has \(vector.count) values, the model \(parameters.values.count): start a new run")
        }
        return vector
    }
}
