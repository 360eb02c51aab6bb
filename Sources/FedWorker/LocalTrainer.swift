// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// What trains: the built-in engine, or a program of the user's.
///
/// `prepare` and `train` are called on threads of their own and may take as long as they need.
public protocol LocalTrainer: Sendable {
    /// The data sets it can train on.
    var datasets: [String] { get }

    /// Makes ready for a run before its first assignment.
    ///
    /// Throws `WorkerError.unfitData`, with a sentence that the coordinator may read, when the run's model cannot be trained
    /// on this worker's data, and `.usage` when the data cannot be read or divided, with a sentence that stays here since
    /// it may quote them. The worker then leaves the run before anything is sent.
    func prepare(for run: RunDescription) throws

    /// Trains `model` as the assignment says and returns the change.
    ///
    /// `optimizerState` is what the training before left; it is for assignments whose optimiser keeps its state. `own` are the
    /// worker's parameters that do not travel, as the training before left them, in the order of `run.own`; empty at the
    /// beginning, and where all travel. `adversarialStatistics` replace those among them that are over attacked inputs, before
    /// anything is trained; nil leaves them.
    /// Calls `progress` with the finished share in [0, 1] now and then, and stops soon after `shouldStop` says so, in
    /// which case the result is not used. Throws `WorkerError.cannotTakeAssignment` with a sentence when it lacks the
    /// data or does not know the model; the worker then declines.
    func train(
        _ assignment: WorkerAssignment, in run: RunDescription, model: ParameterVector,
        optimizerState: OptimizerState?, own: [Float], adversarialStatistics: [Float]?,
        progress: @escaping @Sendable (Double) -> Void,
        shouldStop: @escaping @Sendable () -> Bool
    ) throws -> TrainingOutcome
}

/// What comes out of an assignment.
public struct TrainingOutcome: Sendable {
    /// The trained model minus the model that was sent.
    public var change: ParameterVector
    /// Examples trained on, at least 1.
    public var exampleCount: Int
    /// For people to read.
    public var metrics: TrainingMetrics
    /// Where the optimiser stopped, if it keeps its state.
    public var optimizerState: OptimizerState?
    /// The worker's parameters that do not travel; empty where all do.
    public var own: [Float]

    /// An outcome.
    public init(
        change: ParameterVector, exampleCount: Int, metrics: TrainingMetrics, optimizerState: OptimizerState? = nil,
        own: [Float] = []
    ) {
        self.own = own
        self.change = change
        self.exampleCount = exampleCount
        self.metrics = metrics
        self.optimizerState = optimizerState
    }
}
