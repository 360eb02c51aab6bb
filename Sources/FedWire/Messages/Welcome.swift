// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// The answer to `Hello`.
public struct Welcome: Hashable, Sendable {
    /// What `heartbeatSeconds` may be: an interval that a clock can keep.
    public static let heartbeatRange = 0.05...3600.0

    /// The highest version that both ends speak.
    public var version: Int
    /// The worker's name, as its certificate states it.
    public var worker: WorkerID
    /// Seconds between heartbeats, in [0.05, 3600].
    public var heartbeatSeconds: Double
    /// No transfer may be larger, in bytes.
    public var maximumTransferBytes: Int
    /// What the coordinator holds of an upload of this worker that broke off.
    public var upload: PartialTransfer?

    /// An answer to `Hello`.
    public init(
        version: Int, worker: WorkerID, heartbeatSeconds: Double, maximumTransferBytes: Int,
        upload: PartialTransfer? = nil
    ) {
        self.upload = upload
        self.version = version
        self.worker = worker
        self.heartbeatSeconds = heartbeatSeconds
        self.maximumTransferBytes = maximumTransferBytes
    }
}
