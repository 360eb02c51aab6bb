// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import NIOCore
internal import Synchronization

/// One end of a pair of bounded byte queues.
package final class InProcessPipe: FramePipe {
    private let incoming: BoundedByteQueue
    private let outgoing: BoundedByteQueue

    private init(incoming: BoundedByteQueue, outgoing: BoundedByteQueue) {
        self.incoming = incoming
        self.outgoing = outgoing
    }

    /// Two ends, each of which holds back its writer when `capacity` bytes wait for the other.
    package static func makePair(capacity: Int = 1 << 20) -> (InProcessPipe, InProcessPipe) {
        let there = BoundedByteQueue(capacity: capacity)
        let back = BoundedByteQueue(capacity: capacity)
        return (InProcessPipe(incoming: back, outgoing: there), InProcessPipe(incoming: there, outgoing: back))
    }

    package func receive(_ body: (ByteBuffer) throws(TransportError) -> Void) async throws(TransportError) {
        while let chunk = await incoming.next() { try body(chunk) }
    }

    package func send(_ buffers: [ByteBuffer]) async throws(TransportError) {
        guard await outgoing.append(buffers) else {
            if Task.isCancelled { throw TransportError(.cancelled, "the task was cancelled while sending") }
            throw TransportError(.connectionLost, "the connection is closed")
        }
    }

    package func close() async {
        incoming.close(discarding: true)
        outgoing.close(discarding: false)
    }
}
