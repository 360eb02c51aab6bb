// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Synchronization

/// How far the training is: written by its thread, read by heartbeats.
final class TrainingProgress: Sendable {
    private let share = Mutex<Double?>(nil)

    /// The finished share in [0, 1]; nil when nothing is being trained.
    var value: Double? {
        get { share.withLock { $0 } }
        set { share.withLock { $0 = newValue } }
    }
}

/// Tells a training thread to stop.
final class StopFlag: Sendable {
    private let flag = Atomic(false)

    /// Whether to stop.
    var isSet: Bool { flag.load(ordering: .relaxed) }

    /// Says stop.
    func set() { flag.store(true, ordering: .relaxed) }
}
