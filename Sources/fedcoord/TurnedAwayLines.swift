// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCommandLine
import Synchronization

/// Says who was turned away, but counts where that would be a flood: strangers decide how often it happens.
final class TurnedAwayLines: Sendable {
    private struct State {
        var end = ContinuousClock.now
        var printed = 0
        var hidden = 0
        var total = 0
    }

    /// No more lines are printed within an interval.
    private static let lines = 10
    private static let interval = Duration.seconds(10)

    private let terminal: Terminal
    private let state = Mutex(State())

    init(_ terminal: Terminal) { self.terminal = terminal }

    /// How many connections were turned away.
    var total: Int { state.withLock { $0.total } }

    /// Counts a connection, and prints the line if there were not too many lately.
    func show(address: String, reason: String) {
        sayHidden()
        let isPrinted = state.withLock { state in
            state.total += 1
            if state.end <= .now {
                state.end = .now + Self.interval
                state.printed = 0
            }
            let isPrinted = state.printed < Self.lines
            if isPrinted { state.printed += 1 } else { state.hidden += 1 }
            return isPrinted
        }
        if isPrinted { terminal.print("turned away \(address): \(reason)") }
    }

    /// Says how many were not named, once the interval is over or `atOnce`.
    func sayHidden(atOnce: Bool = false) {
        let hidden = state.withLock { state in
            guard atOnce || state.end <= .now else { return 0 }
            defer { state.hidden = 0 }
            return state.hidden
        }
        if hidden > 0 { terminal.print("turned away \(hidden) more") }
    }
}
