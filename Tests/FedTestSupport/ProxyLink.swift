// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import NIOCore

/// Two channels on one event loop, each of which is sent what the other receives until the allowance is used up.
final class ProxyLink {
    /// The handler of one of the two.
    final class End: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        /// Nil once the channel is gone: the link holds its ends.
        private var link: ProxyLink?
        fileprivate weak var other: End?
        fileprivate var context: ChannelHandlerContext?
        private var waitsForRoom = false

        fileprivate init(_ link: ProxyLink) { self.link = link }

        func handlerAdded(context: ChannelHandlerContext) {
            self.context = context
            if context.channel.isActive { context.read() }
        }

        func handlerRemoved(context: ChannelHandlerContext) {
            self.context = nil
            link = nil
        }

        func channelActive(context: ChannelHandlerContext) { context.read() }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var buffer = unwrapInboundIn(data)
            guard let link, let part = buffer.readSlice(length: link.take(buffer.readableBytes)),
                let to = other?.context
            else { return }
            to.write(wrapOutboundOut(part), promise: nil)
        }

        func channelReadComplete(context: ChannelHandlerContext) {
            guard let link, let to = other?.context else { return context.close(promise: nil) }
            to.flush()
            if link.isUsedUp {
                link.cut()
            } else if to.channel.isWritable {
                context.read()
            } else {
                waitsForRoom = true
            }
        }

        func channelWritabilityChanged(context: ChannelHandlerContext) {
            guard context.channel.isWritable, let other, other.waitsForRoom else { return }
            other.waitsForRoom = false
            other.context?.read()
        }

        func channelInactive(context: ChannelHandlerContext) { other?.finish() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        /// Closes once what was written is out.
        fileprivate func finish() {
            guard let context else { return }
            let channel = context.channel
            context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in channel.close(promise: nil) }
        }
    }

    private(set) lazy var near = End(self)
    private(set) lazy var far = End(self)
    private var rest: Int?
    private var isCut = false
    private let count: (_ bytes: Int, _ isCut: Bool) -> Void

    /// A link that passes `allowance` bytes, or any number; `count` is told of those that it does.
    init(allowance: Int?, count: @escaping (_ bytes: Int, _ isCut: Bool) -> Void) {
        rest = allowance
        self.count = count
        near.other = far
        far.other = near
    }

    private var isUsedUp: Bool { rest.map { $0 <= 0 } ?? false }

    /// How many of so many bytes may pass.
    private func take(_ bytes: Int) -> Int {
        let taken = min(bytes, rest ?? bytes)
        rest = rest.map { $0 - taken }
        count(taken, false)
        return taken
    }

    private func cut() {
        guard !isCut else { return }
        isCut = true
        count(0, true)
        near.finish()
        far.finish()
    }
}
