// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
internal import Foundation
internal import Synchronization

/// A journal in one append-only file, with group commit.
///
/// Appends that arrive while the disk is busy are written together and share the next `fdatasync`. See `JournalFormat`
/// for the bytes.
public final class FileRoundJournal: RoundJournal {
    /// Writes all bytes at an offset; 0, or the error number.
    package typealias Write = @Sendable (Int32, UnsafeRawBufferPointer, Int) -> Int32
    /// Makes the bytes of a file durable; 0, or the error number.
    package typealias Synchronize = @Sendable (Int32) -> Int32
    /// Makes the names in a directory durable.
    package typealias SynchronizeDirectory = @Sendable (String) throws(StoreError) -> Void

    private struct Entry {
        var header: [UInt8]
        var payload: [UInt8]
        var checksum: [UInt8]
        var continuation: CheckedContinuation<Result<Void, StoreError>, Never>
    }

    private struct State {
        var pending: [Entry] = []
        var isDraining = false
        var durableBytes: Int
        var isNameDurable = false
        var isHeaderLost = false
        var refusal: StoreError?
        var synchronizations = 0
    }

    public let run: RunID
    public let round: RoundID
    public let recovery: JournalRecovery
    private let path: String
    private let descriptor: Int32
    private let salt: [UInt8]
    private let queue: BlockingQueue
    private let reading: BlockingQueue
    private let write: Write
    private let synchronize: Synchronize
    private let name: PendingName
    private let state: Mutex<State>

    /// How often the file was made durable; several appends share one.
    package var synchronizationCount: Int { state.withLock { $0.synchronizations } }

    /// How many appends wait for the disk, without those that are being written; for tests of appends that share one
    /// synchronization, which would depend on timing otherwise.
    package var pendingCount: Int { state.withLock { $0.pending.count } }

    /// Opens or makes the journal at `path`; blocks on the disk.
    ///
    /// A torn tail is cut off and reported in `recovery`. Throws `StoreError.corrupt` when acknowledged records are
    /// damaged, `.locked` when the journal is open already, and what the disk throws.
    public convenience init(path: String, run: RunID, round: RoundID) throws(StoreError) {
        try self.init(path: path, run: run, round: round, write: DurableFiles.writeAll(_:_:at:))
    }

    /// The same with other system calls.

    package init(
        path: String, run: RunID, round: RoundID, write: @escaping Write,
        synchronize: @escaping Synchronize = DurableFiles.synchronize(_:),
        synchronizeDirectory: SynchronizeDirectory? = nil
    ) throws(StoreError) {
        let descriptor = try DurableFiles.open(path, O_RDWR | O_CREAT)
        do throws(StoreError) {
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                throw StoreError(.locked, "the journal \(path) is open already: close it first")
            }
            let opened = try Self.recover(descriptor, path: path, run: run, round: round)
            recovery = opened.recovery
            salt = opened.salt
            state = Mutex(State(durableBytes: opened.length))
        } catch {
            Self.release(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.path = path
        self.run = run
        self.round = round
        self.write = write
        self.synchronize = synchronize
        queue = BlockingQueue(label: "fedcoord.journal.append")
        reading = BlockingQueue(label: "fedcoord.journal.read")
        // A journal whose name is lost is lost itself. This goes on while updates come; no acknowledgement precedes it.
        name = PendingName(on: reading) { () throws(StoreError) in
            let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
            if let synchronizeDirectory {
                try synchronizeDirectory(directory)
            } else {
                try DurableFiles.synchronizeDirectory(directory)
            }
        }
    }

    deinit { Self.release(descriptor) }

    /// Unlocks before closing: a child process that is just being started shares the open file for a moment.
    private static func release(_ descriptor: Int32) {
        flock(descriptor, LOCK_UN)
        Glibc.close(descriptor)
    }

    public func append(_ update: ClientUpdate) async throws(StoreError) {
        precondition(update.run == run && update.round <= round, "a journal holds updates of its round or earlier ones")
        let header = try StoreJSON.encode(JournalFormat.Header(update))
        let checksum = JournalFormat.checksum(header: header, payload: update.payload)
        let result = await withCheckedContinuation { continuation in
            let entry = Entry(header: header, payload: update.payload, checksum: checksum, continuation: continuation)
            let (refusal, starts) = state.withLock { state -> (StoreError?, Bool) in
                if let refusal = state.refusal { return (refusal, false) }
                state.pending.append(entry)
                defer { state.isDraining = true }
                return (nil, !state.isDraining)
            }
            if let refusal { continuation.resume(returning: .failure(refusal)) }
            if starts { queue.queue.async { self.drain() } }
        }
        try result.get()
    }

    public func cursor(limits: JournalLimits) async throws(StoreError) -> JournalCursor {
        let end = state.withLock { $0.durableBytes }
        let reader = JournalReader(descriptor: descriptor, path: path, run: run, round: round, salt: salt)
        return JournalCursor(start: JournalFormat.fileHeaderBytes) { [self] offset async throws(StoreError) in
            try await reading.run { [self] () throws(StoreError) in
                switch try reader.record(at: offset, end: end, limits: limits) {
                case .record(let update, let next): return (update, next)
                case .end: return nil
                case .broken:
                    throw StoreError(.corrupt, "\(path) is damaged at byte \(offset): restore it from a copy")
                }
            }
        }
    }

    public func close() async {
        state.withLock { state in
            if state.refusal == nil { state.refusal = StoreError(.closed, "the journal \(path) has been closed") }
        }
        await withCheckedContinuation { continuation in
            queue.queue.async {
                flock(self.descriptor, LOCK_UN)
                continuation.resume()
            }
        }
    }

    /// Writes what is pending until nothing is; runs on `queue` only.
    private func drain() {
        while true {
            let (batch, start, wasNameDurable, isHeaderLost) = state.withLock { state -> ([Entry], Int, Bool, Bool) in
                defer { state.pending = [] }
                if state.pending.isEmpty { state.isDraining = false }
                return (state.pending, state.durableBytes, state.isNameDurable, state.isHeaderLost)
            }
            if batch.isEmpty { return }
            var offset = start
            var isNameDurable = wasNameDurable
            var failure: Int32 = 0
            if isHeaderLost {
                var front = 0
                failure = put(JournalFormat.fileMagic + salt, at: &front)
            }
            if failure == 0 { failure = put(batch, at: &offset, durable: start) }
            let wasWritten = failure == 0
            if wasWritten { failure = synchronize(descriptor) }
            var result: Result<Void, StoreError> = failure == 0 ? .success(()) : .failure(.system(failure, path))
            // Without the cut no append would be readable. After a failed fdatasync nobody knows what is on disk, unless
            // there was only no room for it (which network file systems and quotas say as late as this): then what was durable
            // before still is.
            let isFull = result.isFull
            var isUsable =
                failure == 0 || (DurableFiles.truncate(descriptor, to: start) == 0 && (!wasWritten || isFull))
            let losesHeader =
                failure == 0 ? false : isHeaderLost || (wasWritten && start == JournalFormat.fileHeaderBytes)
            if failure == 0, !isNameDurable {
                result = name.wait()
                if case .success = result { isNameDurable = true } else { isUsable = false }
            }
            state.withLock { state in
                state.synchronizations += 1
                state.isNameDurable = isNameDurable
                state.isHeaderLost = losesHeader
                if case .success = result { state.durableBytes = offset }
                if !isUsable, case .failure(let error) = result {
                    state.refusal = StoreError(.failed, error.message, cause: error.cause)
                }
            }
            for entry in batch { entry.continuation.resume(returning: result) }
        }
    }

    /// Writes records from `offset` on; small ones are gathered into one write. 0, or the error number.
    private func put(_ batch: [Entry], at offset: inout Int, durable: Int) -> Int32 {
        var gathered: [UInt8] = []
        func flush() -> Int32 {
            defer { gathered.removeAll(keepingCapacity: true) }
            return gathered.isEmpty ? 0 : put(gathered, at: &offset)
        }
        for entry in batch {
            let prefix = JournalFormat.Prefix(
                headerBytes: entry.header.count, payloadBytes: entry.payload.count, durableBytes: durable)
            gathered += JournalFormat.encode(prefix, salt: salt) + entry.header
            if entry.payload.count <= 1 << 16 {
                gathered += entry.payload
            } else {
                var failure = flush()
                if failure == 0 { failure = put(entry.payload, at: &offset) }
                guard failure == 0 else { return failure }
            }
            gathered += entry.checksum
        }
        return flush()
    }

    private func put(_ bytes: [UInt8], at offset: inout Int) -> Int32 {
        let failure = bytes.withUnsafeBytes { write(descriptor, $0, offset) }
        offset += bytes.count
        return failure
    }

    private static func recover(
        _ descriptor: Int32, path: String, run: RunID, round: RoundID
    ) throws(StoreError) -> (recovery: JournalRecovery, salt: [UInt8], length: Int) {
        let size = try DurableFiles.size(descriptor, path: path)
        let start = JournalFormat.fileHeaderBytes
        let header = try DurableFiles.read(descriptor, at: 0, count: min(size, start), path: path) ?? []
        // The header becomes durable with the first record: without both there was no acknowledgement.
        if size < start || header.allSatisfy({ $0 == 0 }) {
            var generator = SystemRandomNumberGenerator()
            let salt = (0..<JournalFormat.saltBytes).map { _ in UInt8.random(in: 0...255, using: &generator) }
            var failure = DurableFiles.truncate(descriptor, to: 0)
            if failure == 0 {
                failure = (JournalFormat.fileMagic + salt).withUnsafeBytes {
                    DurableFiles.writeAll(descriptor, $0, at: 0)
                }
            }
            guard failure == 0 else { throw .system(failure, path) }
            return (JournalRecovery(tornBytes: size), salt, start)
        }
        guard header.starts(with: JournalFormat.fileMagic) else {
            throw StoreError(.corrupt, "\(path) is not a journal: restore it from a copy")
        }
        let salt = Array(header.suffix(JournalFormat.saltBytes))
        let reader = JournalReader(descriptor: descriptor, path: path, run: run, round: round, salt: salt)
        var offset = start
        var recovery = JournalRecovery()
        while true {
            switch try reader.record(at: offset, end: size, limits: JournalLimits()) {
            case .record(_, let next):
                offset = next
                recovery.recordCount += 1
            case .end: return (recovery, salt, offset)
            case .broken:
                guard try !reader.wasAcknowledged(offset, end: size) else {
                    throw StoreError(
                        .corrupt,
                        "\(path) is damaged at byte \(offset), before updates that were acknowledged later: "
                            + "restore it from a copy, or delete it to repeat the round")
                }
                var failure = DurableFiles.truncate(descriptor, to: offset)
                if failure == 0 { failure = DurableFiles.synchronize(descriptor) }
                guard failure == 0 else { throw .system(failure, path) }
                recovery.tornBytes = size - offset
                return (recovery, salt, offset)
            }
        }
    }
}

extension Result<Void, StoreError> {
    /// Whether there was no room on the disk.
    fileprivate var isFull: Bool {
        if case .failure(let error) = self { error == StoreError(.diskFull, "") } else { false }
    }
}
