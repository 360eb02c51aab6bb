// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The shape of one example, or of one example's features between two layers: channels, rows, columns.
public struct InputShape: Hashable, Codable, Sendable, CustomStringConvertible {
    /// Colour or feature channels, at least 1.
    public var channels: Int
    /// Rows, at least 1.
    public var height: Int
    /// Columns, at least 1.
    public var width: Int

    /// A shape.
    public init(channels: Int, height: Int, width: Int) {
        self.channels = channels
        self.height = height
        self.width = width
    }

    /// The number of values of one example.
    public var count: Int { channels * height * width }

    /// As in `28x28x1`: rows, columns, channels.
    public var description: String { "\(height)x\(width)x\(channels)" }

    /// The same values as one plain vector.
    package var flattened: InputShape { InputShape(channels: count, height: 1, width: 1) }

    /// Rows times columns.
    package var pixels: Int { height * width }
}
