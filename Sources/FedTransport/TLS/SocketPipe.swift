// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import NIOCore
internal import NIOSSL

/// A TLS connection as bytes, once its handshake is done.
struct SocketPipe: FramePipe {
    private let channel: any Channel
    private let inbound: NIOAsyncChannelInboundStream<ByteBuffer>
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

    init(
        channel: any Channel, inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.channel = channel
        self.inbound = inbound
        self.outbound = outbound
    }

    func receive(_ body: (ByteBuffer) throws(TransportError) -> Void) async throws(TransportError) {
        do {
            for try await chunk in inbound { try body(chunk) }
        } catch { throw TLSFailure.classify(error, isEstablished: true) }
    }

    func send(_ buffers: [ByteBuffer]) async throws(TransportError) {
        do {
            try await outbound.write(contentsOf: buffers)
        } catch { throw TLSFailure.classify(error, isEstablished: true) }
    }

    func close() async {
        outbound.finish()
        channel.close(promise: nil)
    }
}
