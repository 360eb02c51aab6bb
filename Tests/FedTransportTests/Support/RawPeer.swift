// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTransport
import FedWire
import NIOCore

/// A peer that sends whatever a test likes and reports every frame it gets.
final class RawPeer: Sendable {
    private let pipe: any FramePipe
    private let events: AsyncStream<FrameEvent>

    private init(pipe: any FramePipe, events: AsyncStream<FrameEvent>) {
        self.pipe = pipe
        self.events = events
    }

    static func run(_ pipe: any FramePipe, _ body: @Sendable (RawPeer) async throws -> Void) async throws {
        let (events, report) = AsyncStream.makeStream(of: FrameEvent.self)
        let reading = Task {
            defer { report.finish() }
            var decoder = FrameDecoder()
            try await pipe.receive { chunk throws(TransportError) in
                var offset = 0
                do throws(WireError) {
                    while let event = try decoder.next(in: chunk.readableBytesSpan, from: &offset) {
                        report.yield(event)
                    }
                } catch { throw TransportError(.protocolViolation, error.message) }
            }
        }
        let outcome: Result<Void, any Error>
        do {
            try await body(RawPeer(pipe: pipe, events: events))
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await pipe.close()
        _ = try? await reading.value
        try outcome.get()
    }

    func send(_ bytes: [UInt8]) async throws { try await pipe.send([ByteBuffer(bytes: bytes)]) }

    func send(_ message: ControlMessage) async throws { try await send(try FrameEncoder.control(message)) }

    /// DATA frames with `bytes`.
    func send(data bytes: [UInt8], on stream: UInt32) async throws {
        for start in stride(from: 0, to: bytes.count, by: FrameLimits.dataPayload) {
            let end = min(start + FrameLimits.dataPayload, bytes.count)
            try await send(try FrameEncoder.dataHeader(stream: stream, length: end - start) + bytes[start..<end])
        }
    }

    /// The next frame for which `pick` returns something; nil when the peer has closed the connection.
    func next<Value>(_ pick: (FrameEvent) -> Value?) async -> Value? {
        for await event in events {
            if let value = pick(event) { return value }
        }
        return nil
    }

    /// The next message other than a heartbeat.
    func nextMessage() async -> ControlMessage? {
        await next { event -> ControlMessage? in
            guard case .control(let payload) = event, case .known(let message)? = try? ControlMessage.decode(payload)
            else { return nil }
            if case .heartbeat = message { return nil }
            return message
        }
    }

    /// The next RESET.
    func nextReset() async -> ResetCode? {
        await next { if case .reset(_, let code) = $0 { code } else { nil } }
    }
}
