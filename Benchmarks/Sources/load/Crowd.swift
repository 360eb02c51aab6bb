// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedIdentity
import FedTransport
import Foundation

/// The workers of this process, and what is measured while they work.
actor Crowd {
    /// What came out.
    struct Measured: Codable {
        var workers: Int
        var secondsToConnect = 0.0
        var bytesBefore = 0
        var bytesConnected = 0
        /// The coordinator's memory when the assignments of some rounds went out, by round.
        var bytesAtRound: [Int: Int] = [:]
    }

    /// Handshakes under way at the same time.
    private static let handshakes = 64

    private let workers: [CrowdWorker]
    private let coordinator: CoordinatorProcess
    private let samplesEvery: Int
    private var measured: Measured
    private var welcomed = 0
    private var waiting: (count: Int, continuation: CheckedContinuation<Void, Never>)?

    /// Workers with certificates of their own, not yet connected; each sends `update` in every round that it is chosen for.
    init(
        count: Int, in directory: FederationDirectory, update: [UInt8], coordinator: CoordinatorProcess,
        samplesEvery: Int
    ) throws {
        let authority = try CertificateAuthority(directory: directory.authority)
        let payload = OutgoingPayload(update)
        workers = try (1...count).map { number in
            try CrowdWorker(WorkerID("w\(number)"), signedBy: authority, port: coordinator.port, update: payload)
        }
        self.coordinator = coordinator
        self.samplesEvery = samplesEvery
        measured = Measured(workers: count)
    }

    /// Connects all, works until the run has ended, and returns what was measured.
    func run() async throws -> Measured {
        measured.bytesBefore = coordinator.residentBytes
        let begin = ContinuousClock.now
        try await withThrowingDiscardingTaskGroup { group in
            for (index, worker) in workers.dropLast().enumerated() {
                await wait(until: index - Self.handshakes)
                group.addTask { try await worker.work(for: self) }
            }
            await wait(until: workers.count - 1)
            measured.secondsToConnect = (ContinuousClock.now - begin) / .seconds(1)
            measured.bytesConnected = coordinator.residentBytes
            if let last = workers.last { group.addTask { try await last.work(for: self) } }
        }
        return measured
    }

    /// A worker has been welcomed.
    func noteWelcome() {
        welcomed += 1
        guard let waiting, welcomed >= waiting.count else { return }
        self.waiting = nil
        waiting.continuation.resume()
    }

    /// A worker was chosen for a round.
    func note(_ round: RoundID) {
        guard round.rawValue % samplesEvery == 0, measured.bytesAtRound[round.rawValue] == nil else { return }
        measured.bytesAtRound[round.rawValue] = coordinator.residentBytes
    }

    private func wait(until count: Int) async {
        guard welcomed < count else { return }
        await withCheckedContinuation { waiting = (count, $0) }
    }
}
