// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A width of a network that its narrower networks are nested in (HeteroFL: Diao, Ding and Tarokh, ICLR 2021).
public struct NestedLevel: Hashable, Sendable {
    /// The share of the channels.
    public let width: WidthRatio
    /// Where the network of that width lies in the whole one.
    public let slice: NestedSlice

    /// The level of width `width`, whose network has the layout `layout` within `full`.
    ///
    /// Throws `CoreError.invalidLayout` unless its tensors are corners of those of `full`.
    public init(width: WidthRatio, layout: ModelLayout, of full: ModelLayout) throws(CoreError) {
        self.width = width
        slice = try NestedSlice(layout, of: full)
    }
}
