// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Synchronization

/// Why a session ended: what was said first.
final class FirstReason: Sendable {
    private let kept = Mutex<String?>(nil)

    /// Keeps a reason unless there is one.
    func keep(_ reason: String) { kept.withLock { $0 = $0 ?? reason } }

    /// The reason.
    var text: String { kept.withLock { $0 } ?? "the connection was closed" }
}
