// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// What a round waits for, for people who wait, too.
extension RoundEngine {
    /// What a round waits for, and until when at most, on the engine's clock.
    package enum Prospect: Equatable, Sendable {
        /// For workers that are at it; at the deadline the round closes but for what moves.
        case everybody(until: Double)
        /// The quorum is in; lost workers may still come back.
        case returning(until: Double)
        /// Nobody is at work and too few updates are in; lost workers may still come back.
        case quorum(until: Double)
        /// The deadline is over; what moves is waited for.
        case movement(until: Double)
        /// For nothing: it is closed.
        case nothing
    }

    /// What the round waits for at this instant.
    package func prospect(now: Double) -> Prospect {
        guard closedAt == nil else { return .nothing }
        if now >= deadline { return .movement(until: limit) }
        if workingCount > 0 { return .everybody(until: deadline) }
        guard acceptedCount >= plan.quorum else { return .quorum(until: deadline) }
        var graceEnd = now
        for case .absent(let since) in standings.values { graceEnd = max(graceEnd, since + reconnectGrace) }
        return .returning(until: min(graceEnd, deadline))
    }
}
