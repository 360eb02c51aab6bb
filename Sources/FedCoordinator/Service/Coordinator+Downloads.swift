// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCore
internal import FedStrategies
internal import FedWire

extension Coordinator {
    /// What the workers of `round` download.
    func downloads(for round: RoundID, base: ServerModel, version: ModelVersion) async throws -> RoundDownloads {
        try RoundDownloads(
            base: base, digest: await records.modelDigest, version: version, rule: maker.steps, codec: downlink,
            stepCodec: config.downlink.codec,
            parts: parts, steps: steps,
            generator: SeededGenerator(key: config.seed).stream("downlink", UInt64(round.rawValue)))
    }

    /// Sends a worker its assignment with the steps that it missed, or with the whole model, behind what it holds of it.
    func send(_ assignment: WorkerAssignment, to session: WorkerSession, in round: OpenRound) {
        let download = round.downloads.download(
            of: assignment.scope, held: held[session.worker], takesSteps: session.takesSteps,
            isVerified: isComparisonDue(sessions[session.worker]?.comparedIn, in: assignment.round))
        if download.modelSHA256 != nil {
            sessions[session.worker]?.comparedIn = assignment.round
            round.compared.insert(session.worker)
        }
        // What it said when it connected is true once: it may have dropped the bytes since.
        let held = sessions[session.worker]?.download
        sessions[session.worker]?.download = nil
        let offset =
            held?.offset(in: download.payload.sha256, byteCount: download.payload.byteCount) ?? 0
        let outgoing = (try? robustness?.outgoing(assignment)) ?? (assignment: assignment, statistics: nil)
        session.send(
            .assignment(
                outgoing.assignment, download, statistics: outgoing.statistics, from: offset,
                count: round.downlinkBytes))
        if offset == 0 { round.modelsSent += 1 }
    }

    /// Whether a worker that gets steps in `round` compares what they lead to, and last did so in `last`, if at all.
    ///
    /// The first steps of a connection are always verified: the worker may hold anything. Those that are sent again in
    /// a round are, too.
    private func isComparisonDue(_ last: RoundID?, in round: RoundID) -> Bool {
        let every = config.downlink.verifyEvery ?? CodecSpec.defaultVerifyEvery
        guard every > 0, let last else { return every > 0 }
        return round == last || round.rawValue - last.rawValue >= every
    }

    /// Remembers which version a worker says that it holds.
    func note(held version: ModelVersion?, by session: WorkerSession) {
        guard session.takesSteps, sessions[session.worker]?.number == session.number else { return }
        held[session.worker] = version
    }

    /// A worker cannot use the steps that it got: it gets the whole model, once in an attempt of a round.
    func repair(_ request: ModelRequest, of session: WorkerSession) {
        guard request.run == run, sessions[session.worker]?.number == session.number, let round = open, !round.isOver,
            request.round == round.engine.plan.round, round.engine.standings[session.worker] == .training,
            let assignment = round.engine.assignment(of: session.worker)
        else { return }
        held[session.worker] = nil
        // What follows the whole model is verified at once.
        sessions[session.worker]?.comparedIn = nil
        guard round.repaired.insert(session.worker).inserted else {
            let reason = "it asked for the whole model again"
            observe(.declined(session.worker, request.round, reason: reason))
            decide { $0.declined(session.worker, round: request.round, reason: reason, now: $1) }
            return
        }
        round.repairs += 1
        observe(.repaired(session.worker, request.round, reason: request.reason.sentence))
        send(assignment, to: session, in: round)
    }
}

extension ModelRequest.Reason {
    fileprivate var sentence: String {
        switch self {
        case .notHeld: "it does not hold the model that the steps begin with"
        case .mismatch: "the steps led it to another model"
        case .unusable: "it could not use the steps"
        }
    }
}
