// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import FedTransport
internal import FedWire

/// Transfers that go on where they broke off.
extension Worker {
    /// What the first message of a connection says.
    var hello: Hello {
        Hello(
            agent: configuration.agent, datasets: trainer.datasets, takesSteps: true, sharesScales: true,
            held: copy.held, download: download.flatMap { $0.partial(isInUse: isInUse($0)) },
            budget: budget,
            measuresBudget: configuration.budget == .measured, trainsAdversarially: trainsAdversarially,
            measuresAdversarialTraining: configuration.adversarial == .measured,
            sharesStatistics: configuration.sharing != nil)
    }

    /// Whether the worker trains adversarially from now on, as far as it knows.
    var trainsAdversarially: Bool {
        configuration.adversarial == .always
            || (configuration.adversarial == .measured && affordsAdversarialTraining)
    }

    private var budget: WidthRatio? {
        switch configuration.budget {
        case .everything: nil
        case .width(let width): width
        case .measured: measuredBudget
        }
    }

    private func isInUse(_ download: DownloadInHand) -> Bool {
        if let training = training?.assignment, training.run == download.run, training.round == download.round {
            return true
        }
        guard let update = pending?.update else { return false }
        return update.run == download.run && update.round == download.round
    }

    /// The bytes of an assignment's download; nil where it goes on behind bytes that are not held, or is not wanted any more.
    ///
    /// What has arrived when the connection breaks is kept. Throws `TransferError`.
    nonisolated func bytes(
        of message: Assignment, _ transfer: IncomingTransfer, in run: RunDescription
    ) async throws(TransferError) -> [UInt8]? {
        guard var bytes = await takeBeginning(of: message.model) else { return nil }
        do throws(TransferError) {
            try await transfer.collect(limit: ModelCopy.maximumBytes(of: message, in: run), into: &bytes)
        } catch {
            if error.isConnectionLoss { await keep(bytes, of: message) }
            throw error
        }
        return bytes
    }

    /// Hands over what is held of a download that goes on, and drops what is held of any other.
    private func takeBeginning(of header: TransferHeader) -> [UInt8]? {
        defer { download = nil }
        return download.map { $0.beginning(of: header) } ?? (header.offset > 0 ? nil : [])
    }

    /// Keeps what has arrived of a download, or without `bytes` its digest only, if it is that of the newest assignment.
    func keep(_ bytes: [UInt8]?, of message: Assignment) {
        let assignment = message.assignment
        guard isNewest(assignment.run, assignment.round) else { return }
        download = DownloadInHand(
            run: assignment.run, round: assignment.round, sha256: message.model.sha256,
            byteCount: message.model.byteCount, bytes: bytes)
    }

    /// From where on an update is to be sent: what the coordinator said that it holds of it, true for one offer.
    func takeOffset(in payload: OutgoingPayload) -> Int {
        defer { uploaded = nil }
        return uploaded?.offset(in: payload.sha256, byteCount: payload.byteCount) ?? 0
    }
}
