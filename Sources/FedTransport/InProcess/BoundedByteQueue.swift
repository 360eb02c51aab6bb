// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import NIOCore
internal import Synchronization

/// Chunks of bytes between tasks of one process; whoever appends waits while too much is in the queue.
final class BoundedByteQueue: Sendable {
    private struct Writer {
        let id: UInt64
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var chunks: [ByteBuffer] = []
        var byteCount = 0
        var isClosed = false
        var reader: CheckedContinuation<ByteBuffer?, Never>?
        var writers: [Writer] = []
        var nextID: UInt64 = 0
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) { self.capacity = capacity }

    /// Appends all chunks at once when there is room for any; false when the queue is closed or the task cancelled.
    func append(_ chunks: [ByteBuffer]) async -> Bool {
        while true {
            switch attempt(chunks) {
            case .done: return true
            case .closed: return false
            case .full: guard await room() else { return false }
            }
        }
    }

    private enum Attempt { case done, closed, full }

    private func attempt(_ chunks: [ByteBuffer]) -> Attempt {
        let (result, reader, chunk): (Attempt, CheckedContinuation<ByteBuffer?, Never>?, ByteBuffer?) =
            state.withLock { state in
                if state.isClosed { return (.closed, nil, nil) }
                guard state.byteCount < capacity else { return (.full, nil, nil) }
                state.chunks.append(contentsOf: chunks)
                state.byteCount += chunks.reduce(0) { $0 + $1.readableBytes }
                guard let reader = state.reader, !state.chunks.isEmpty else { return (.done, nil, nil) }
                state.reader = nil
                let chunk = state.chunks.removeFirst()
                state.byteCount -= chunk.readableBytes
                return (.done, reader, chunk)
            }
        reader?.resume(returning: chunk)
        return result
    }

    /// Waits for room; false when the task is cancelled.
    private func room() async -> Bool {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    if state.isClosed || state.byteCount < capacity { return true }
                    state.writers.append(Writer(id: id, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let writer = state.withLock { state in
                state.writers.firstIndex { $0.id == id }.map { state.writers.remove(at: $0) }
            }
            writer?.continuation.resume(returning: false)
        }
    }

    /// The next chunk; nil when the queue is closed and empty.
    func next() async -> ByteBuffer? {
        await withCheckedContinuation { continuation in
            let (answered, chunk, writers): (Bool, ByteBuffer?, [Writer]) = state.withLock { state in
                guard !state.chunks.isEmpty else {
                    if state.isClosed { return (true, nil, []) }
                    state.reader = continuation
                    return (false, nil, [])
                }
                let chunk = state.chunks.removeFirst()
                state.byteCount -= chunk.readableBytes
                guard state.byteCount < capacity else { return (true, chunk, []) }
                defer { state.writers = [] }
                return (true, chunk, state.writers)
            }
            for writer in writers { writer.continuation.resume(returning: true) }
            if answered { continuation.resume(returning: chunk) }
        }
    }

    func close(discarding: Bool) {
        let (reader, writers) = state.withLock { state in
            state.isClosed = true
            if discarding {
                state.chunks = []
                state.byteCount = 0
            }
            defer {
                state.reader = nil
                state.writers = []
            }
            return (state.reader, state.writers)
        }
        reader?.resume(returning: nil)
        for writer in writers { writer.continuation.resume(returning: true) }
    }
}
