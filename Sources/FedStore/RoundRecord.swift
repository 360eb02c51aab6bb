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
    /// Updates of earlier rounds that went into the model, too; ordered by worker.
    public var folded: [FoldedUpdate]
    /// The workers that were still at work when the round closed, ordered; it did not wait for them any more.
    public var late: [LateWorker]
    /// How well the new model does, when it was evaluated.
    public var evaluation: Evaluation?
    /// Bytes of updates received.
    public var uplinkBytes: Int
    /// Bytes of models sent.
    public var downlinkBytes: Int
    /// How many models were sent: one to each participant, and one more whenever one came back.
    public var modelsSent: Int
    /// How workers' copies of the model fared; nil where whole models travel, and in records of older versions.
    public var verification: CopyChecks?
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
        refused: [RefusedUpdate] = [], folded: [FoldedUpdate] = [], late: [LateWorker] = [],
        evaluation: Evaluation? = nil, uplinkBytes: Int, downlinkBytes: Int, modelsSent: Int,
        verification: CopyChecks? = nil, seconds: Double, baseSHA256: String? = nil, modelSHA256: String,
        stateSHA256: String? = nil
    ) {
        self.round = round
        self.version = version
        self.participants = participants
        self.accepted = accepted
        self.refused = refused
        self.folded = folded
        self.late = late
        self.evaluation = evaluation
        self.uplinkBytes = uplinkBytes
        self.downlinkBytes = downlinkBytes
        self.modelsSent = modelsSent
        self.verification = verification
        self.seconds = seconds
        self.baseSHA256 = baseSHA256
        self.modelSHA256 = modelSHA256
        self.stateSHA256 = stateSHA256
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            round: try container.decode(RoundID.self, forKey: .round),
            version: try container.decode(ModelVersion.self, forKey: .version),
            participants: try container.decode([WorkerID].self, forKey: .participants),
            accepted: try container.decode([AcceptedUpdate].self, forKey: .accepted),
            refused: try container.decode([RefusedUpdate].self, forKey: .refused),
            folded: try container.decodeIfPresent([FoldedUpdate].self, forKey: .folded) ?? [],
            late: try container.decodeIfPresent([LateWorker].self, forKey: .late) ?? [],
            evaluation: try container.decodeIfPresent(Evaluation.self, forKey: .evaluation),
            uplinkBytes: try container.decode(Int.self, forKey: .uplinkBytes),
            downlinkBytes: try container.decode(Int.self, forKey: .downlinkBytes),
            modelsSent: try container.decode(Int.self, forKey: .modelsSent),
            verification: try container.decodeIfPresent(CopyChecks.self, forKey: .verification),
            seconds: try container.decode(Double.self, forKey: .seconds),
            baseSHA256: try container.decodeIfPresent(String.self, forKey: .baseSHA256),
            modelSHA256: try container.decode(String.self, forKey: .modelSHA256),
            stateSHA256: try container.decodeIfPresent(String.self, forKey: .stateSHA256))
    }
}
