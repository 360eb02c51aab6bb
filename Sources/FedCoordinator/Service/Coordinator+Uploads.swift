// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import FedTransport
internal import FedWire

/// Uploads that break off and go on over another connection.
extension Coordinator {
    /// What became of an upload that did not arrive whole.
    enum Interruption {
        /// The connection is gone; what has arrived is kept.
        case lost
        /// It is of no use.
        case refused(UpdateRefusal)
        /// Its worker has gone on over another connection.
        case handedOver
    }

    /// Takes an upload that ended with `error` out of the sum, and keeps what has arrived if the rest may still come.
    func interrupt(_ number: UInt64, by error: TransferError) -> Interruption {
        guard let upload = uploads.removeValue(forKey: number), let update = arriving[number] else {
            return .handedOver
        }
        if error.isConnectionLoss, update.failure == nil, open?.engine.plan.round == upload.round {
            partials.keep(update.payload, sha256: upload.header.sha256, of: upload.worker)
        }
        if let refusal = endFolding(number) { return .refused(refusal) }
        return error.isConnectionLoss ? .lost : .refused(.init(.transferFailed, error.message))
    }

    /// An upload broke off with its connection; if its worker is connected again already, it is asked again.
    func uploadLost(_ offer: UpdateOffer, by session: WorkerSession, _ place: Place) {
        guard open?.attempt == place.attempt else { return }
        decide { $0.receiveFailed(session.worker, round: offer.round, now: $1) }
        guard let current = sessions[session.worker], current.number != session.number else { return }
        decide { $0.connected(session.worker, now: $1) }
    }

    /// Stops what a worker that has connected again still sends over its connection before; returns what is held of its upload.
    func handOverUpload(of worker: WorkerID) -> PartialTransfer? {
        let loss = TransferError(.connectionLost, "its worker has connected again")
        for (number, upload) in uploads where upload.worker == worker && arriving[number]?.failure == nil {
            _ = interrupt(number, by: loss)
            if open?.attempt == upload.attempt {
                decide { $0.receiveFailed(worker, round: upload.round, now: $1) }
            }
        }
        return partials.partial(of: worker)
    }

    /// Stops what still arrives when the model of its round is made: it will be part of no model, and others need the memory.
    func stopUploads(of round: RoundID) {
        for (number, upload) in uploads {
            arriving[number]?.refuse(Self.closed(round))
            upload.transfer.abandon()
        }
    }

    /// Why an update is refused that its round did not wait for.
    static func closed(_ round: RoundID) -> UpdateRefusal {
        UpdateRefusal(.unavailable, "round \(round) closed while the update was received")
    }
}
