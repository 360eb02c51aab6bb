// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A sign of life, sent at a steady interval by both ends.
public struct Heartbeat: Hashable, Sendable {
    /// Share of the current assignment that is done, in [0, 1]; nil when there is none.
    public var progress: Double?

    /// A sign of life.
    public init(progress: Double? = nil) { self.progress = progress }
}
