// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// A worker's change of the model, and what it rests on.
///
/// The numbers are as the worker sent them, in no way checked: whether they are acceptable is for the coordinator to
/// decide, which can then refuse the update and keep the connection.
public struct UpdateOffer: Hashable, Sendable {
    /// Who trained, as the worker says; who it is, the certificate says.
    public var worker: WorkerID
    /// The run it belongs to.
    public var run: RunID
    /// The round it answers; any number.
    public var round: RoundID
    /// The model it started from; any number.
    public var baseVersion: ModelVersion
    /// What was trained.
    public var scope: UpdateScope
    /// How the payload is encoded; any name of at most 64 bytes.
    public var codec: CodecID
    /// Examples trained on, as the worker claims; any number.
    public var exampleCount: Int
    /// What the worker reports for people to read; any numbers, NaN and infinity included.
    public var metrics: TrainingMetrics
    /// The encoded change.
    public var payload: TransferHeader
    /// The version of the run's model that the worker holds in memory; any number, nil for none.
    public var heldVersion: ModelVersion?
    /// What the worker can afford from now on; nil for what it said before.
    public var budget: WidthRatio?
    /// What the worker shares of its batch normalisation; any numbers.
    public var statistics: WorkerStatistics?
    /// Whether the worker trains adversarially from now on; nil for what it said before.
    public var trainsAdversarially: Bool?

    /// An offer.
    public init(
        worker: WorkerID, run: RunID, round: RoundID, baseVersion: ModelVersion, scope: UpdateScope = .wholeModel,
        codec: CodecID, exampleCount: Int, metrics: TrainingMetrics, payload: TransferHeader,
        heldVersion: ModelVersion? = nil, budget: WidthRatio? = nil, statistics: WorkerStatistics? = nil,
        trainsAdversarially: Bool? = nil
    ) {
        self.worker = worker
        self.run = run
        self.round = round
        self.baseVersion = baseVersion
        self.scope = scope
        self.codec = codec
        self.exampleCount = exampleCount
        self.metrics = metrics
        self.payload = payload
        self.heldVersion = heldVersion
        self.budget = budget
        self.statistics = statistics
        self.trainsAdversarially = trainsAdversarially
    }
}
