// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// What a committed round did.
public struct RoundRecord: Hashable, Codable, Sendable {
    /// The round.
    public var round: RoundID
    /// The model that it made.
    public var version: ModelVersion
    /// The workers that were asked, ordered.
    public var participants: [WorkerID]
    /// What went into the model.
    public var accepted: [AcceptedUpdate]
    /// What did not.
    public var refused: [RefusedUpdate]
    /// How well the new model does, when it was evaluated.
    public var evaluation: Evaluation?
    /// Bytes of updates received.
    public var uplinkBytes: Int
    /// Bytes of models sent.
    public var downlinkBytes: Int
    /// How many models were sent: one to each participant, and one more whenever one came back.
    public var modelsSent: Int
    /// Wall-clock seconds from plan to commit.
    public var seconds: Double
    /// `ModelDigest` of the model that the round started from; nil in records of older versions.
    public var baseSHA256: String?
    /// `ModelDigest` of the new model.
    public var modelSHA256: String
    /// `ModelDigest` of what is remembered beside the new model, such as a server optimiser's moments; nil if nothing is.
    public var stateSHA256: String?

    /// A record.
    public init(
        round: RoundID, version: ModelVersion, participants: [WorkerID], accepted: [AcceptedUpdate],
        refused: [RefusedUpdate] = [], evaluation: Evaluation? = nil, uplinkBytes: Int, downlinkBytes: Int,
        modelsSent: Int, seconds: Double, baseSHA256: String? = nil, modelSHA256: String, stateSHA256: String? = nil
    ) {
        self.round = round
        self.version = version
        self.participants = participants
        self.accepted = accepted
        self.refused = refused
        self.evaluation = evaluation
        self.uplinkBytes = uplinkBytes
        self.downlinkBytes = downlinkBytes
        self.modelsSent = modelsSent
        self.seconds = seconds
        self.baseSHA256 = baseSHA256
        self.modelSHA256 = modelSHA256
        self.stateSHA256 = stateSHA256
    }
}
