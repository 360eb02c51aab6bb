// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import NIOCore

/// A byte stream both ways: what the multiplexing rests on.
///
/// Implementers bound what they buffer: `send` suspends while the peer does not read, and `receive` reads no further
/// while `body` runs. All failures are thrown as the `TransportError` that the user of the connection shall see.
package protocol FramePipe: Sendable {
    /// Calls `body` with each chunk in order; returns when the peer has closed its side in order.
    ///
    /// For one task. Throws what `body` throws.
    func receive(_ body: (ByteBuffer) throws(TransportError) -> Void) async throws(TransportError)

    /// Sends the buffers one after the other, with nothing of other tasks between them.
    func send(_ buffers: [ByteBuffer]) async throws(TransportError)

    /// Closes both directions; what was sent before may still arrive. A second call does nothing.
    func close() async
}
