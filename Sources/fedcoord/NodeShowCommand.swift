// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCore
import FedIdentity
import FedStore
import Foundation

struct NodeShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows all that is known of a worker.")

    /// No more refusals are shown.
    private static let shownRefusals = 5

    @OptionGroup var node: NodeOptions

    func run() async throws {
        let (directory, worker) = try node.open()
        let store = try SQLiteRunStore(directory: directory.path)
        let enrolled = try EnrolmentAuthority(directory: directory).enrolledWorkers()
        let certificate = enrolled.first { $0.worker == worker }?.certificate
        let stored = try await store.workers().first { $0.worker == worker }
        guard certificate != nil || stored != nil else {
            throw ProgramFailure(
                .usage, NearestName.unknown("worker", node.name, among: enrolled.map(\.worker.rawValue)))
        }
        var lines = [worker.rawValue]
        if let certificate {
            let isRevoked = try RevocationList(file: directory.revoked).contains(PeerIdentity(certificate))
            lines.append(
                "  certificate  serial \(certificate.serial), until \(certificate.notValidAfter.formatted(.iso8601))"
                    + (isRevoked ? ", revoked" : ""))
        }
        if let quarantine = try await store.quarantined().first(where: { $0.worker == worker }) {
            lines.append("  in quarantine since \(quarantine.since.formatted(.iso8601)): \(quarantine.reason)")
        }
        if let stored {
            lines.append("  first seen   \(stored.firstSeen.formatted(.iso8601))")
            lines.append(
                "  last seen    \(stored.lastSeen.formatted(.iso8601)), from \(stored.address), \(stored.agent)")
        } else {
            lines.append("  never connected")
        }
        lines += try await history(of: worker, in: store)
        print(lines.joined(separator: "\n"))
    }

    /// What the worker did in all runs.
    private func history(of worker: WorkerID, in store: SQLiteRunStore) async throws -> [String] {
        var (asked, accepted, late, folded) = (0, 0, 0, 0)
        var refusals: [String] = []
        for run in try await store.runs() {
            for record in try await store.rounds(of: run.id).compactMap(\.record) {
                asked += record.participants.contains(worker) ? 1 : 0
                accepted += record.accepted.contains { $0.worker == worker } ? 1 : 0
                late += record.late.contains { $0.worker == worker } ? 1 : 0
                folded += record.folded.count { $0.update.worker == worker }
                refusals += record.refused.filter { $0.worker == worker }.map {
                    "  refused      run \(run.id), round \(record.round): \($0.reason)"
                }
            }
        }
        let summary =
            "  rounds       asked in \(asked), accepted in \(accepted), late in \(late) of which \(folded) folded, "
            + "refused in \(refusals.count)"
        return [summary] + refusals.suffix(Self.shownRefusals)
    }
}
