// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import NIOCore

/// A frame that waits to be written, and who wants to know when it is.
struct OutboxEntry: Sendable {
    let frame: ByteBuffer
    /// Gets one element when the frame was handed to the pipe, or the reason why it never will be.
    let written: Mailbox<Void, TransportError>?
}
