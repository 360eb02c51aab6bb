// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import FedTransport
internal import FedWire

/// An upload that is under way over some connection.
struct ReceivingUpload {
    /// Whose it is.
    let worker: WorkerID
    /// The round of the update.
    let round: RoundID
    /// The attempt that it was let in to.
    let attempt: Int
    /// What was announced.
    let header: TransferHeader
    /// What brings its bytes.
    let transfer: IncomingTransfer
    /// How many bytes have been decoded, those included that were held before.
    private var decoded = 0

    /// An upload of which nothing is decoded yet.
    init(_ offer: UpdateOffer, _ transfer: IncomingTransfer, by worker: WorkerID, attempt: Int) {
        self.worker = worker
        round = offer.round
        self.attempt = attempt
        header = offer.payload
        self.transfer = transfer
    }

    /// Counts bytes that are decoded next; returns how many of them have come over this connection.
    mutating func count(_ bytes: Int) -> Int {
        let held = max(0, header.offset - decoded)
        decoded += bytes
        return max(0, bytes - held)
    }
}
