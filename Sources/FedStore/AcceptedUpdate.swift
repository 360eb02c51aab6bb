// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// An update that went into a round's model.
public struct AcceptedUpdate: Hashable, Codable, Sendable {
    /// Who sent it.
    public var worker: WorkerID
    /// Examples it rests on.
    public var exampleCount: Int
    /// How much it counted in the round's mean; nil in records of older versions.
    public var weight: Int64?
    /// The size of its payload.
    public var payloadBytes: Int
    /// SHA-256 of its payload in hexadecimal; nil in records of older versions.
    public var payloadSHA256: String?
    /// What the worker reported.
    public var metrics: TrainingMetrics
    /// Seconds from the worker's assignment to the stored update; nil where a restart lies in between.
    public var arrivalSeconds: Double?
    /// The base networks that it is about; nil for the whole model.
    public var bases: [Int]?
    /// The width of the slice that it is about; nil for the whole model or base networks.
    public var width: WidthRatio?
    /// What its worker shares of its batch normalisation; not part of a record.
    public var statistics: WorkerStatistics?

    /// An accepted update.
    public init(
        worker: WorkerID, exampleCount: Int, weight: Int64? = nil, payloadBytes: Int, payloadSHA256: String? = nil,
        metrics: TrainingMetrics, arrivalSeconds: Double? = nil, bases: [Int]? = nil,
        width: WidthRatio? = nil, statistics: WorkerStatistics? = nil
    ) {
        self.worker = worker
        self.exampleCount = exampleCount
        self.weight = weight
        self.payloadBytes = payloadBytes
        self.payloadSHA256 = payloadSHA256
        self.metrics = metrics
        self.arrivalSeconds = arrivalSeconds
        self.bases = bases
        self.width = width
        self.statistics = statistics
    }

    private enum CodingKeys: String, CodingKey {
        case worker, exampleCount, weight, payloadBytes, payloadSHA256, metrics, arrivalSeconds, bases, width
    }

    /// Whether a payload with this digest is the one that was accepted; nobody can say otherwise where none was noted.
    public func isPayload(_ sha256: [UInt8]) -> Bool {
        payloadSHA256.map { $0 == PayloadDigest.text(sha256) } ?? true
    }
}
