// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What a checkpoint holds, by SHA-256.
public struct CheckpointDigest: Hashable, Sendable {
    /// `ModelDigest` of the parameters.
    public var model: String
    /// `ModelDigest` of the vectors beside them; nil if there are none.
    public var state: String?

    /// Digests, 64 hexadecimal digits each.
    public init(model: String, state: String?) {
        self.model = model
        self.state = state
    }
}
