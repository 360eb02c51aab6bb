// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What a worker sends back: the encoded change of the model, and what it rests on.
public struct ClientUpdate: Hashable, Sendable {
    /// Who trained, as the certificate says.
    public var worker: WorkerID
    /// The run it belongs to.
    public var run: RunID
    /// The round it answers.
    public var round: RoundID
    /// The model it started from.
    public var baseVersion: ModelVersion
    /// What was trained.
    public var scope: UpdateScope
    /// How `payload` is encoded.
    public var codec: CodecID
    /// The encoded change.
    public var payload: [UInt8]
    /// Examples trained on: the weight that the worker claims.
    public var exampleCount: Int
    /// For people to read.
    public var metrics: TrainingMetrics
    /// What the worker shares of its batch normalisation; nil where it does not.
    public var statistics: WorkerStatistics?

    /// An update.
    public init(
        worker: WorkerID, run: RunID, round: RoundID, baseVersion: ModelVersion, scope: UpdateScope = .wholeModel,
        codec: CodecID, payload: [UInt8], exampleCount: Int, metrics: TrainingMetrics,
        statistics: WorkerStatistics? = nil
    ) {
        self.worker = worker
        self.run = run
        self.round = round
        self.baseVersion = baseVersion
        self.scope = scope
        self.codec = codec
        self.payload = payload
        self.exampleCount = exampleCount
        self.metrics = metrics
        self.statistics = statistics
    }
}
