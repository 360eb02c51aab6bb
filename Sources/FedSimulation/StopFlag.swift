// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Synchronization

/// Tells all threads of a simulation to stop.
final class StopFlag: Sendable {
    private let flag = Atomic(false)

    /// Whether to stop.
    var isSet: Bool { flag.load(ordering: .relaxed) }

    /// Says stop.
    func set() { flag.store(true, ordering: .relaxed) }
}
