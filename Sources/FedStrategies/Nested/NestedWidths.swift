// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// The widths of a network of which each worker trains the widest that it can afford, with all narrower ones in it (HeteroFL: Diao,
/// Ding and Tarokh, ICLR 2021; Hong et al., ICLR 2022, section 4, let workers train the narrower ones, too).
public struct NestedWidths: Hashable, Sendable {
    /// The widths, ascending; the last is that of the whole network.
    public let widths: [WidthRatio]

    /// Widths of a whole network.
    ///
    /// Throws `StrategyError.invalidSpecification` unless there are 1 to 16, ascending, and the last is 1.
    public init(_ widths: [WidthRatio]) throws(StrategyError) {
        guard ModelSpec.areLevels(widths), widths.last == .full else {
            throw StrategyError(
                .invalidSpecification,
                "strategy.widths: takes 1 to \(ModelSpec.maximumLevels) widths, ascending, the last of which is 1, such as "
                    + "[1/8, 1/4, 1/2, 1], not [\(widths.map(\.description).joined(separator: ", "))]")
        }
        self.widths = widths
    }

    /// The widest that a worker can afford; nil where even the narrowest is too wide.
    public func widest(within budget: WidthRatio) -> WidthRatio? { widths.last { $0 <= budget } }
}
