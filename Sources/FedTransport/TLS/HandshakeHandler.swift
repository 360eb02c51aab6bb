// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Waits for the end of the handshake, closes the channel when that takes too long, and keeps what is known of the peer.
final class HandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let applicationProtocol: ApplicationProtocol
    private let timeout: TimeAmount
    private let completed: EventLoopPromise<ConnectionPeer>
    private var timer: Scheduled<Void>?

    init(applicationProtocol: ApplicationProtocol, timeout: TimeAmount, completed: EventLoopPromise<ConnectionPeer>) {
        self.applicationProtocol = applicationProtocol
        self.timeout = timeout
        self.completed = completed
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        let completed = completed
        timer = context.eventLoop.scheduleTask(in: timeout) {
            completed.fail(TransportError(.handshakeFailed, "the peer did not complete the handshake in time"))
            channel.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted(let negotiated) = event {
            timer?.cancel()
            if negotiated == applicationProtocol.rawValue {
                completed.succeed(Self.peer(of: context.channel))
            } else {
                completed.fail(TransportError(.incompatible, "the peer does not speak \(applicationProtocol.rawValue)"))
                context.close(promise: nil)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        completed.fail(TLSFailure.classify(error, isEstablished: false))
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        completed.fail(TransportError(.handshakeFailed, "the peer closed the connection during the handshake"))
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        completed.fail(TransportError(.handshakeFailed, "the connection closed during the handshake"))
    }

    private static func peer(of channel: any Channel) -> ConnectionPeer {
        let handler = try? channel.pipeline.syncOperations.handler(type: NIOSSLHandler.self)
        let certificate = handler?.peerCertificate.flatMap { try? $0.toDERBytes() }
        return ConnectionPeer(
            certificateChain: certificate.map { [$0] } ?? [],
            address: channel.remoteAddress.map { address in
                "\(address.ipAddress ?? "unknown"):\(address.port ?? 0)"
            } ?? "unknown")
    }
}
