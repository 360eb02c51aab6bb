// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import NIOCore
internal import Synchronization

/// The channels that were accepted and that no task serves yet, so that none of them outlives the server.
final class AcceptedChannels: Sendable {
    private struct State {
        var waiting: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Keeps a channel until it is taken; false once the server is closed: the caller then closes the channel.
    func add(_ channel: any Channel) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.waiting[ObjectIdentifier(channel)] = channel
            return true
        }
    }

    /// Hands a channel over to the caller, who closes it in the end.
    func take(_ channel: any Channel) {
        state.withLock { _ = $0.waiting.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    /// Closes the channels that nobody has taken; no further ones are kept.
    func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for channel in waiting { channel.close(promise: nil) }
    }
}
