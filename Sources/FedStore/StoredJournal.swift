// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import Foundation

/// A journal file that is only read: nothing is cut off, and every byte must be part of an intact record.
final class StoredJournal: Sendable {
    private let descriptor: Int32
    private let reader: JournalReader
    private let size: Int
    private let reading = BlockingQueue(label: "fedcoord.journal.read")

    /// Opens the file, or returns nil if there is none; blocks on the disk. Throws `StoreError.corrupt` for another file.
    init?(path: String, run: RunID, round: RoundID) throws(StoreError) {
        guard access(path, F_OK) == 0 else { return nil }
        let descriptor = try DurableFiles.open(path, O_RDONLY)
        do throws(StoreError) {
            size = try DurableFiles.size(descriptor, path: path)
            guard
                let header = try DurableFiles.read(
                    descriptor, at: 0, count: JournalFormat.fileHeaderBytes, path: path),
                header.starts(with: JournalFormat.fileMagic)
            else { throw StoreError(.corrupt, "\(path) is not a journal: restore it from a copy") }
            reader = JournalReader(
                descriptor: descriptor, path: path, run: run, round: round,
                salt: Array(header.suffix(JournalFormat.saltBytes)))
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Reads the updates from the first one on.
    func cursor() -> JournalCursor {
        JournalCursor(start: JournalFormat.fileHeaderBytes) { [self] offset async throws(StoreError) in
            try await reading.run { [self] () throws(StoreError) in
                switch try reader.record(at: offset, end: size, limits: JournalLimits()) {
                case .record(let update, let next): return (update, next)
                case .end: return nil
                case .broken:
                    throw StoreError(
                        .corrupt, "\(reader.path) is damaged at byte \(offset): restore it from a copy")
                }
            }
        }
    }
}
