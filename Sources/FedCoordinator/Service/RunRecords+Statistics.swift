// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// What workers share of their batch normalisation. Nothing awaits between looking at who has withdrawn and writing, so that no file
/// has anything of theirs again.
extension RunRecords {
    private var statistics: StatisticsFiles { StatisticsFiles(in: folder) }

    /// Keeps what workers have shared up to the model `version`, before that is committed.
    func keep(_ records: [StatisticsExchange.Record], of version: ModelVersion) async throws {
        try await whenThereIsRoom {
            guard !areStatisticsOver else { return }
            try statistics.write(records.filter { !withdrawn.contains($0.worker) }, of: version)
        }
    }

    /// Keeps nothing of `workers`, now and later.
    func withdraw(_ workers: Set<WorkerID>) async throws {
        withdrawn = workers
        try await whenThereIsRoom { if !areStatisticsOver { try statistics.withdraw(withdrawn) } }
    }

    /// What workers had shared up to the model `version`, and those whose statistics are not to be used.
    ///
    /// Throws `StoreError.corrupt` where the files are not what was written.
    func statistics(
        of version: ModelVersion
    ) throws -> (records: [StatisticsExchange.Record], withdrawn: Set<WorkerID>) {
        withdrawn = try statistics.withdrawn()
        return (version.rawValue == 0 ? [] : try statistics.records(of: version), withdrawn)
    }

    /// Forgets all of it, and keeps nothing from now on: the run has ended.
    func removeStatistics() {
        areStatisticsOver = true
        statistics.removeAll()
    }
}
