// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCore
internal import FedStore
internal import FedStrategies

/// The updates of a closed round, read back from its journal for an aggregator that needs each by itself.
struct JournaledUpdates: Sendable {
    /// The workers whose updates count, and how much.
    let weights: [WorkerID: Int64]
    /// How they are encoded.
    let codec: any GradientCodec
    /// What they are changes of.
    let layout: ModelLayout

    /// The change that `aggregator` makes of them; the order in the journal does not matter.
    ///
    /// Each update is decoded once into a temporary file on the disk of `folder`. Throws `StoreError` or `CodecError`.
    func change(
        _ cursor: JournalCursor, _ aggregator: any BlockAggregator, folder: String
    ) async throws -> [Float] {
        let spool = try UpdateSpool(parameterCount: layout.count, folder: folder)
        let workers = weights.keys.sorted()
        var missing: [WorkerID: Int] = [:]
        for (row, worker) in workers.enumerated() { missing[worker] = row }
        while !missing.isEmpty, let update = try await cursor.next() {
            // Of several updates of a worker the first one counts, as everywhere.
            guard let row = missing.removeValue(forKey: update.worker) else { continue }
            try spool.write(try codec.decode(update.payload, layout: layout).values, row: row)
        }
        guard missing.isEmpty else {
            throw StoreError(
                .corrupt,
                "the journal holds \(missing.count) updates fewer than were acknowledged: restore it from a copy")
        }
        let rows = workers.enumerated().map { (row: $0, weight: weights[$1] ?? 1) }
        return try await OwnThread.run(named: "aggregation") { try aggregator.aggregate(spool.blocks(of: rows)) }
    }
}
