// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What the examples of a run look like to its model: the shape of one, and how many classes there are.
///
/// A layout does not tell: networks that end in a global pooling take images of any size, and a perceptron cannot tell
/// 28x28x1 from 784x1x1.
public struct ExampleShape: Hashable, Codable, Sendable, CustomStringConvertible {
    /// Colour or feature channels, at least 1.
    public var channels: Int
    /// Rows, at least 1.
    public var height: Int
    /// Columns, at least 1.
    public var width: Int
    /// Classes, at least 1; labels are below it.
    public var classes: Int

    /// A shape.
    public init(channels: Int, height: Int, width: Int, classes: Int) {
        self.channels = channels
        self.height = height
        self.width = width
        self.classes = classes
    }

    /// As in `28x28x1 in 10 classes`: rows, columns, channels.
    public var description: String { "\(height)x\(width)x\(channels) in \(classes) classes" }
}
