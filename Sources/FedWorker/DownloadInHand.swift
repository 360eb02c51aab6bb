// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import FedWire

/// The bytes of the newest assignment's download, as far as this worker holds or needs them.
///
/// What arrived before a connection broke stays, so that the rest is enough. Bytes that were decoded are dropped, since training and
/// its update need them no more; then only their digest stays.
struct DownloadInHand {
    /// The assignment's run.
    let run: RunID
    /// The assignment's round.
    let round: RoundID
    /// SHA-256 of the whole.
    let sha256: [UInt8]
    /// The length of the whole.
    let byteCount: Int
    /// What has arrived, from the beginning; nil once all was decoded.
    var bytes: [UInt8]?

    /// What the coordinator is told when the worker connects again; nil for nothing.
    ///
    /// `isInUse` says whether the decoded model is being trained, or its update waits for a receipt.
    func partial(isInUse: Bool) -> PartialTransfer? {
        guard let bytes else { return isInUse ? try? PartialTransfer(sha256: sha256, byteCount: byteCount) : nil }
        return bytes.isEmpty ? nil : try? PartialTransfer(sha256: sha256, byteCount: bytes.count)
    }

    /// The bytes before the offset of an announced download; nil where they are not held.
    func beginning(of header: TransferHeader) -> [UInt8]? {
        guard header.offset > 0 else { return [] }
        guard let bytes, sha256 == header.sha256, bytes.count == header.offset else { return nil }
        return bytes
    }
}
