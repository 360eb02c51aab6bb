// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// One worker's part of a round: train this on that, and send the change back.
public struct WorkerAssignment: Hashable, Codable, Sendable {
    /// Who trains.
    public var worker: WorkerID
    /// The run it belongs to.
    public var run: RunID
    /// The round it belongs to.
    public var round: RoundID
    /// The model it starts from.
    public var baseVersion: ModelVersion
    /// How to train.
    public var training: LocalTrainingSpec
    /// What to train and upload.
    public var scope: UpdateScope
    /// How to encode the change.
    public var codec: CodecID
    /// The key of this assignment's own random stream: batches, dropout, rounding.
    public var seed: UInt64
    /// Seconds from dispatch after which an update comes too late.
    public var deadlineSeconds: Double

    /// An assignment.
    public init(
        worker: WorkerID, run: RunID, round: RoundID, baseVersion: ModelVersion, training: LocalTrainingSpec,
        scope: UpdateScope = .wholeModel, codec: CodecID, seed: UInt64, deadlineSeconds: Double
    ) {
        self.worker = worker
        self.run = run
        self.round = round
        self.baseVersion = baseVersion
        self.training = training
        self.scope = scope
        self.codec = codec
        self.seed = seed
        self.deadlineSeconds = deadlineSeconds
    }
}
