// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Strategies of which workers train as much as they can afford.
extension StrategySpec {
    /// Base networks of which workers train as many as they can afford (Hong et al., ICLR 2022); `fedrbn` may have them, too.
    package static let splitMix = "split-mix"
    static let defaultBaseWidth = try? WidthRatio(1, 8)

    /// One network of which workers train as wide a slice as they can afford (Diao, Ding and Tarokh, ICLR 2021).
    package static let heteroFL = "heterofl"
    static let defaultWidths = try? [WidthRatio(1, 8), WidthRatio(1, 4), WidthRatio(1, 2), .full]

    /// Which base networks workers train; nil where all train the whole model. Throws as `validate` does.
    package var bases: BaseDraws? {
        get throws(StrategyError) {
            guard let baseWidth else { return nil }
            return try BaseDraws(baseWidth: baseWidth, favoursFirst: favourFirst)
        }
    }

    /// Which widths workers train; nil where all train the whole model. Throws as `validate` does.
    package var nestedWidths: NestedWidths? {
        get throws(StrategyError) {
            guard let widths else { return nil }
            return try NestedWidths(widths)
        }
    }

    /// Workers that can afford less cannot take part; nil where all train the whole model.
    public var narrowest: WidthRatio? { baseWidth ?? widths?.first }

    func validateBases() throws(StrategyError) {
        guard baseWidth == nil || [Self.splitMix, Self.fedRBN].contains(name) else {
            throw StrategyError(
                .invalidSpecification,
                "strategy.baseWidth: only \(Self.splitMix) has base networks, and \(Self.fedRBN) may have; remove the key or set "
                    + "strategy.name to one of them")
        }
        guard !favourFirst || baseWidth != nil else {
            throw StrategyError(
                .invalidSpecification,
                "strategy.favourFirst: only \(Self.splitMix) has base networks; remove the key or set strategy.name to it"
            )
        }
        guard try bases == nil || !(aggregator.aggregator is any BlockAggregator) else {
            throw StrategyError(
                .invalidSpecification,
                "strategy.aggregator: \(aggregator.name.rawValue) looks at whole updates, and with \(name) workers send parts of "
                    + "the model; choose weighted-mean or sign-vote")
        }
    }

    func validateWidths() throws(StrategyError) {
        guard widths == nil || name == Self.heteroFL else {
            throw StrategyError(
                .invalidSpecification,
                "strategy.widths: only \(Self.heteroFL) has nested networks; remove the key or set strategy.name to it")
        }
        guard try nestedWidths != nil else { return }
        guard aggregator.name == .weightedMean else {
            throw StrategyError(
                .invalidSpecification,
                "strategy.aggregator: with \(name) each entry is averaged over the workers that hold it; remove the key, or set "
                    + "it to weighted-mean")
        }
        guard optimizer.name == .sgd, optimizer.momentum == 0, optimizer.weightDecay == 0 else {
            throw StrategyError(
                .invalidSpecification,
                "strategy.optimizer: with \(name) an entry that no worker holds stays as it is; set it to sgd without momentum "
                    + "and weightDecay, or remove the key")
        }
    }
}
