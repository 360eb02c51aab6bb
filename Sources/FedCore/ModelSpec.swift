// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Which network to train, as a run file's `model` section says it.
public struct ModelSpec: Hashable, Codable, Sendable {
    /// A name of the model zoo, such as `mlp` or `lenet`.
    public var architecture: String
    /// Widths of the hidden layers of an `mlp`; nil takes the architecture's default.
    public var hidden: [Int]?

    /// Names an architecture.
    public init(architecture: String, hidden: [Int]? = nil) {
        self.architecture = architecture
        self.hidden = hidden
    }
}
