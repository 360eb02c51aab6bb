// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore
package import FedWire

/// What has arrived of uploads whose connection broke, so that they go on where they were: one for each worker.
///
/// In memory only: after a crash of the coordinator an upload begins anew. Where there is no room the oldest goes first.
package struct PartialUploads {
    private struct Entry {
        var sha256: [UInt8]
        var bytes: [UInt8]
        /// Tells older from newer.
        var order: UInt64
    }

    /// All together have no more bytes.
    package let byteLimit: Int
    /// The bytes of all together.
    package private(set) var byteCount = 0
    private var entries: [WorkerID: Entry] = [:]
    private var kept: UInt64 = 0

    /// None, with room for `byteLimit` bytes.
    package init(byteLimit: Int) { self.byteLimit = byteLimit }

    /// Keeps the beginning of an upload with digest `sha256`, in place of what is held of the same worker.
    ///
    /// One that is larger than all the room is not kept.
    package mutating func keep(_ bytes: [UInt8], sha256: [UInt8], of worker: WorkerID) {
        drop(worker)
        guard !bytes.isEmpty, bytes.count <= byteLimit else { return }
        while byteCount + bytes.count > byteLimit, let oldest = entries.min(by: { $0.value.order < $1.value.order }) {
            drop(oldest.key)
        }
        kept += 1
        // An exact copy: the original may have room for the whole.
        let own = bytes.withUnsafeBytes { [UInt8]($0) }
        entries[worker] = Entry(sha256: sha256, bytes: own, order: kept)
        byteCount += own.count
    }

    /// What is held of a worker's upload, to be told to the worker.
    package func partial(of worker: WorkerID) -> PartialTransfer? {
        guard let entry = entries[worker] else { return nil }
        return try? PartialTransfer(sha256: entry.sha256, byteCount: entry.bytes.count)
    }

    /// Whether exactly the bytes before the offset of an announced upload are held; none are where it starts at the beginning.
    package func holds(_ header: TransferHeader, of worker: WorkerID) -> Bool {
        guard header.offset > 0 else { return true }
        guard let entry = entries[worker] else { return false }
        return entry.sha256 == header.sha256 && entry.bytes.count == header.offset
    }

    /// Hands over the bytes before the offset of an announced upload; nil where they are not held.
    ///
    /// Whatever else is held of the worker is dropped: it has begun anew.
    package mutating func take(_ header: TransferHeader, of worker: WorkerID) -> [UInt8]? {
        defer { drop(worker) }
        guard holds(header, of: worker) else { return nil }
        return header.offset > 0 ? entries[worker]?.bytes : []
    }

    /// Drops everything: the round is over.
    package mutating func removeAll() {
        entries = [:]
        byteCount = 0
    }

    private mutating func drop(_ worker: WorkerID) {
        byteCount -= entries.removeValue(forKey: worker)?.bytes.count ?? 0
    }
}
