// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import FedStore

/// What a finished run leaves for people and programs: `report.json`.
///
/// Bytes are those of encoded payloads: model values down, updates up, without frames and control messages.
public struct RunReport: Codable, Equatable, Sendable {
    /// The codecs of the two directions.
    public struct Codec: Codable, Equatable, Sendable {
        public var uplink: CodecID
        public var downlink: CodecID
    }

    /// One committed round.
    public struct Round: Codable, Equatable, Sendable {
        /// Counted from 1.
        public var round: Int
        /// How many workers were chosen.
        public var participants: Int
        /// How many updates make up the new model.
        public var accepted: Int
        /// How many updates were refused.
        public var refused: Int
        /// The workers whose updates of earlier rounds went into the model, too.
        public var folded: [WorkerID]
        /// The workers that were still at work when the round closed.
        public var late: [WorkerID]
        /// Share of the test split classified correctly, in [0, 1]; nil without central evaluation.
        public var accuracy: Double?
        /// Mean cross-entropy on the test split, in nats; nil without central evaluation, and where it is not
        /// finite.
        public var loss: Double?
        /// Share of the attacked test examples classified correctly, in [0, 1]; nil without an attack.
        public var robustAccuracy: Double?
        /// How good the workers' own models are; nil where it is not known, as it never is to a coordinator.
        public var personal: Personal?
        /// Payload bytes of the accepted updates.
        public var uplinkBytes: Int
        /// Payload bytes of the models that were sent.
        public var downlinkBytes: Int
        /// Seconds from the first dispatch to the durable new model.
        public var seconds: Double
    }

    /// The whole run.
    public struct Final: Codable, Equatable, Sendable {
        public var accuracy: Double?
        public var loss: Double?
        public var robustAccuracy: Double?
        public var personal: Personal?
        public var uplinkBytes: Int
        public var downlinkBytes: Int
        /// What the accepted updates would have taken as dense float32.
        public var denseUplinkBytes: Int
        /// What the models that were sent would have taken as dense float32.
        public var denseDownlinkBytes: Int
        /// Bits of uplink payload per parameter of an accepted update.
        public var uplinkBitsPerParameter: Double
        /// Seconds of all rounds together.
        public var seconds: Double
        /// The coordinator's largest resident memory, in bytes.
        public var peakResidentBytes: Int
    }

    /// Who attacked in a simulation, and how.
    public struct Attack: Codable, Equatable, Sendable {
        /// The kind, as in `sign-flip`.
        public var kind: String
        /// How strong; nil where that means nothing.
        public var scale: Float?
        /// The names of the attackers.
        public var attackers: [String]

        /// What to report.
        public init(kind: String, scale: Float?, attackers: [String]) {
            self.kind = kind
            self.scale = scale
            self.attackers = attackers
        }
    }

    /// The run's identifier.
    public var run: RunID
    /// The name in the run file.
    public var name: String
    /// The seed in the run file.
    public var seed: UInt64
    /// The strategy in the run file.
    public var strategy: String
    /// How many different workers took part.
    public var workers: Int
    /// The codecs of the two directions.
    public var codec: Codec
    /// Parameters of the model.
    public var parameters: Int
    /// Who attacked, where it was simulated that some do.
    public var attack: Attack?
    /// The workers that trained adversarially, where only some do; nil where all train alike, or it is not known.
    public var adversarial: [WorkerID]?
    /// The workers in quarantine at the end, and why.
    public var quarantined: [String: String]
    /// How workers' copies of the model fared in all rounds; nil where whole models travel down, and of a simulation in
    /// one process, whose workers keep no copies.
    public var verification: CopyChecks?
    /// How many updates each base network got; nil for a model of one network.
    public var baseUpdates: [Int]?
    /// How many updates each width of a network with nested ones got; nil for any other model.
    public var widthUpdates: [String: Int]?
    /// All committed rounds.
    public var rounds: [Round]
    /// The whole run.
    public var final: Final
    /// SHA-256 of the model's little-endian float32 values in layout order, in hexadecimal.
    public var modelSHA256: String
    /// The hash of the last round's record, which stands for all of them (`RecordChain`); nil where none are kept.
    public var recordSHA256: String?
    /// Where the model lies (safetensors).
    public var modelPath: String
}
