// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Glibc
package import NIOCore

/// Keeps a server listening when a single `accept` fails: a client that went away, or no file descriptors for a while.
package final class AcceptErrorHandler: ChannelInboundHandler {
    package typealias InboundIn = any Channel

    /// Time between two words about what cannot be accepted.
    private static let interval = TimeAmount.seconds(30)

    private let onBlocked: (TransportError) -> Void
    private var next = NIODeadline.distantPast

    /// Tells `onBlocked` when connections cannot be accepted for want of resources, but not more often than every 30 seconds.
    package init(onBlocked: @escaping (TransportError) -> Void) { self.onBlocked = onBlocked }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError else { return context.fireErrorCaught(error) }
        guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode), NIODeadline.now() >= next else { return }
        next = .now() + Self.interval
        onBlocked(
            TransportError(
                .cannotListen,
                "\(String(cString: strerror(error.errnoCode))): if this goes on, raise the limit of open files (ulimit -n)"
            ))
    }
}
