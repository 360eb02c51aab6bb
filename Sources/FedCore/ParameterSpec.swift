// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// One tensor of a model: its name, shape and role.
public struct ParameterSpec: Hashable, Codable, Sendable {
    /// A path, as in `conv1.weight` or `base.3/conv1.weight`.
    public var name: String
    /// Row-major dimensions, outermost first, as in `[64, 3, 5, 5]` (output, input, height, width).
    public var shape: [Int]
    /// What the tensor does in its layer.
    public var role: ParameterRole

    /// Describes a tensor; `ModelLayout` checks it.
    public init(name: String, shape: [Int], role: ParameterRole) {
        self.name = name
        self.shape = shape
        self.role = role
    }

    /// The number of entries: the product of the dimensions.
    public var count: Int { shape.reduce(1, *) }
}
