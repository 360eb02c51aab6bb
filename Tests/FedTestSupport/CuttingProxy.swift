// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A TCP proxy on loopback that cuts its connections, for tests of what becomes of a federation on a bad line.
///
/// It passes bytes on as they come, with the back-pressure of either side, and knows nothing of what they mean.
package final class CuttingProxy: Sendable {
    /// What has come by.
    package struct Traffic: Sendable {
        /// Connections that were accepted.
        package var connections = 0
        /// Connections that were cut because their bytes were used up.
        package var cuts = 0
        /// Bytes passed on, both ways together.
        package var bytes = 0
    }

    private struct State {
        var traffic = Traffic()
        var open: [ObjectIdentifier: any Channel] = [:]
    }

    /// Where it listens, on 127.0.0.1.
    package let port: Int
    private let listener: any Channel
    private let state: Books

    /// What has come by so far.
    package var traffic: Traffic { state.books.withLock { $0.traffic } }

    /// A proxy in front of `target` on 127.0.0.1.
    ///
    /// `allowance` says how many bytes, both ways together, the connection with that number, counted from 0, may pass before it is
    /// cut; nil for any number.
    package static func start(
        to target: Int, allowance: @escaping @Sendable (_ connection: Int) -> Int?
    ) async throws -> CuttingProxy {
        let state = Books()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { near in
                let number = state.accept()
                return ClientBootstrap(group: near.eventLoop)
                    .channelOption(.autoRead, value: false)
                    .connect(host: "127.0.0.1", port: target)
                    .flatMapThrowing { far in
                        let link = ProxyLink(allowance: allowance(number)) { state.count($0, isCut: $1) }
                        try near.pipeline.syncOperations.addHandler(link.near)
                        try far.pipeline.syncOperations.addHandler(link.far)
                        state.keep(near)
                        state.keep(far)
                    }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        guard let port = listener.localAddress?.port else { preconditionFailure("what listens has a port") }
        return CuttingProxy(port: port, listener: listener, state: state)
    }

    private init(port: Int, listener: any Channel, state: Books) {
        self.port = port
        self.listener = listener
        self.state = state
    }

    deinit {
        listener.close(promise: nil)
        state.cutAll()
    }

    /// Cuts all connections that are open; further ones are accepted.
    package func cutAll() { state.cutAll() }

    /// Listens no more and cuts all connections.
    package func stop() async {
        try? await listener.close()
        state.cutAll()
    }

    /// What the proxy and its connections both write to.
    private final class Books: Sendable {
        let books = Mutex(State())

        func accept() -> Int {
            books.withLock { state in
                defer { state.traffic.connections += 1 }
                return state.traffic.connections
            }
        }

        func count(_ bytes: Int, isCut: Bool) {
            books.withLock { state in
                state.traffic.bytes += bytes
                state.traffic.cuts += isCut ? 1 : 0
            }
        }

        func keep(_ channel: any Channel) {
            let id = ObjectIdentifier(channel)
            books.withLock { $0.open[id] = channel }
            channel.closeFuture.whenComplete { _ in _ = self.books.withLock { $0.open.removeValue(forKey: id) } }
        }

        func cutAll() {
            let channels = books.withLock { Array($0.open.values) }
            for channel in channels { channel.close(promise: nil) }
        }
    }
}
