// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import FedWire

/// One worker's connection, as the coordinator sees it.
///
/// What is to be sent goes through `outbox`, so that nothing that decides ever waits for a network.
struct WorkerSession: Sendable {
    /// One thing to send; behind a pointer, for tasks that wait for one hold room for it.
    indirect enum Command: Sendable {
        /// A message alone.
        case message(ControlMessage)
        /// An assignment and what leads to the model that it starts from, from an offset on; what travels is counted.
        case assignment(WorkerAssignment, ModelDownload, statistics: [Float]?, from: Int, count: ByteCounter)
        /// The last message; the connection is closed after it.
        case close(PeerError)
    }

    /// Tells sessions of the same worker apart.
    let number: UInt64
    /// Whose session it is, as the certificate says.
    let worker: WorkerID
    /// Whether the worker takes steps in place of whole models.
    let takesSteps: Bool
    /// The width that the worker can afford to train; nil for all of a model.
    var budget: WidthRatio?
    /// Whether it says with its updates what it can afford from then on.
    let measuresBudget: Bool
    /// Whether it trains adversarially, in runs of which only some workers do.
    var trainsAdversarially: Bool
    /// Whether it says with its updates whether it does from then on.
    let measuresAdversarialTraining: Bool
    /// Whether it agrees that statistics of its batch normalisation are shared.
    let sharesStatistics: Bool
    /// The round in which it was last asked to compare its copy of the model; nil if it has not been since it
    /// connected, or was repaired.
    var comparedIn: RoundID?
    /// What the worker holds of a download, as it said when it connected; nil once that was made use of.
    var download: PartialTransfer?
    /// Whether the worker may still be here.
    let admission: Admission
    /// Where commands go; finished when the session ends.
    let outbox: AsyncStream<Command>.Continuation
    /// Closes the connection at once.
    let close: @Sendable (PeerError) async -> Void

    /// No more commands wait to be sent.
    static let longestOutbox = 1024

    /// Sends a command, unless the session has ended; a worker that makes too many answers wait is disconnected.
    func send(_ command: Command) {
        if case .dropped = outbox.yield(command) {
            Task { await close(PeerError(code: .protocolViolation, message: "too many answers wait to be read")) }
        }
    }
}
