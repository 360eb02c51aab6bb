// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedTransport
package import NIOCore
internal import Synchronization

/// A pipe that breaks, or falls silent, when so many bytes were sent through it: exactly those arrive.
package final class CutPipe: FramePipe {
    private struct State {
        var rest: Int
        var sent = 0
        var ends: [Int] = []
    }

    private let pipe: any FramePipe
    private let onCut: (@Sendable () -> Void)?
    private let state: Mutex<State>

    /// Sends through `pipe`, which breaks after `byteCount` bytes; with `silence` it stays open in place of that, swallows what
    /// follows and calls the closure.
    package init(_ pipe: any FramePipe, after byteCount: Int, silence onCut: (@Sendable () -> Void)? = nil) {
        self.pipe = pipe
        self.onCut = onCut
        state = Mutex(State(rest: byteCount))
    }

    /// How many bytes have gone through.
    package var sentBytes: Int { state.withLock { $0.sent } }
    /// Where each part that was sent ended, in bytes from the beginning.
    package var partEnds: [Int] { state.withLock { $0.ends } }

    package func receive(_ body: (ByteBuffer) throws(TransportError) -> Void) async throws(TransportError) {
        try await pipe.receive(body)
    }

    package func send(_ buffers: [ByteBuffer]) async throws(TransportError) {
        let parts = state.withLock { state in
            buffers.map { buffer in
                let count = min(buffer.readableBytes, state.rest)
                state.rest -= count
                state.sent += count
                state.ends.append(state.sent)
                return buffer.getSlice(at: buffer.readerIndex, length: count) ?? ByteBuffer()
            }
        }
        try await pipe.send(parts.filter { $0.readableBytes > 0 })
        guard state.withLock({ $0.rest == 0 }) else { return }
        if let onCut { return onCut() }
        await pipe.close()
        throw TransportError(.connectionLost, "the pipe broke")
    }

    package func close() async { await pipe.close() }
}
