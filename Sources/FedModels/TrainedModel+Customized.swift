// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
internal import FedTraining

/// Cutting a model to a width and a robustness (Split-Mix, Hong et al., ICLR 2022, section 3; HeteroFL, Diao, Ding and Tarokh, ICLR
/// 2021): nothing is trained for it.
extension TrainedModel {
    /// The width of all base networks together.
    public var width: WidthRatio { Self.width(of: card.model.bases, card.model.width) }

    /// The widths that it can be cut to, ascending.
    public var widths: [WidthRatio] {
        if !card.model.levels.isEmpty { return card.model.levels }
        return (1...card.model.bases).map { Self.width(of: $0, card.model.width) }
    }

    /// The model of width `width`, made of the first base networks, or the slice of that width, with batch norms mixed by
    /// `robustness` = λ in [0, 1], which normalise by `statistics`; nil leaves each as it is.
    ///
    /// Parameters stay the bits that they are; a detector stays where the width does. Throws `ModelError.impossibleWidth` unless the width is a multiple of the base
    /// networks' and at most that of the model, or one of those that were trained in it, and `.impossibleRobustness` for a λ out of
    /// range, or above 0 where the model has no dual batch norms.
    public func customized(
        width: WidthRatio? = nil, robustness: Float? = nil, statistics: NormalizationStatistics? = nil
    ) throws(ModelError) -> TrainedModel {
        var card = card
        if let statistics {
            guard statistics == .averaged || ModelZoo.normalizedNames.contains(card.model.architecture) else {
                throw ModelError(
                    .impossibleStatistics,
                    "\(card.model.architecture) has no batch norm that could normalise by \(statistics.rawValue): leave that out"
                )
            }
            guard statistics == .batch || card.model.statistics != .batch || card.model.levels.isEmpty else {
                throw ModelError(
                    .impossibleStatistics,
                    "the networks of several widths that lie in the model share running statistics that fit none of them: leave the "
                        + "statistics at batch")
            }
            card.model.statistics = statistics
        }
        if let robustness {
            guard (0...1).contains(robustness) else {
                throw ModelError(.impossibleRobustness, "robustness is 0 (clean) to 1 (robust), not \(robustness)")
            }
            guard robustness == 0 || card.model.normalization.isDual else {
                throw ModelError(
                    .impossibleRobustness,
                    "the model has one batch norm where robustness needs two: train it with model.normalization "
                        + "dual-separate and an adversarial term, or leave robustness at 0")
            }
            card.robustness = robustness
        }
        let whole = TrainedModel(run: run, version: version, card: card, parameters: parameters)
        guard let width else { return whole }
        guard card.model.levels.isEmpty else { return try whole.nested(width) }
        let base = card.model.width
        guard let count = width.exactCount(of: base), count <= card.model.bases else {
            let known = widths.count <= 16 ? widths.map(\.description).joined(separator: ", ") : "multiples of \(base)"
            throw ModelError(
                .impossibleWidth,
                card.model.bases == 1
                    ? "the model is one network of width \(base) and cannot be cut: leave the width out, or train with "
                        + "strategy split-mix, heterofl, or fedrbn with baseWidth"
                    : "the model has \(card.model.bases) base networks of width \(base), so its width can be \(known) and "
                        + "not \(width)")
        }
        return whole.with(bases: Array(0..<count), robustness: card.robustness)
    }

    /// The model of the base networks at `places`, all of them different, in that order.
    func with(bases places: [Int], robustness: Float) -> TrainedModel {
        precondition(!places.isEmpty && Set(places).count == places.count, "different base networks, at least one")
        var card = card
        card.robustness = robustness
        card.bases = places.map { self.card.bases[$0] }
        // A detector is for the layers that it was fitted to.
        if places != Array(0..<self.card.model.bases) { card.detector = nil }
        card.model.bases = places.count
        let size = parameters.values.count / self.card.model.bases
        var values: [Float] = []
        values.reserveCapacity(places.count * size)
        for place in places { values += parameters.values[(place * size)..<((place + 1) * size)] }
        do {
            let layout = try ModelZoo.layout(card.model, input: input, classes: card.examples.classes)
            return TrainedModel(
                run: run, version: version, card: card, parameters: try ParameterVector(layout: layout, values: values))
        } catch {
            preconditionFailure("a part of a model is a model: \(error)")
        }
    }

    /// The network of `width` that lies in the model, with the narrower ones in it.
    private func nested(_ width: WidthRatio) throws(ModelError) -> TrainedModel {
        guard card.model.levels.contains(width) else {
            throw ModelError(
                .impossibleWidth,
                "the model was trained at the widths \(widths.map(\.description).joined(separator: ", ")), so it cannot be cut to "
                    + "\(width)")
        }
        var card = card
        card.model.width = width
        if width != self.card.model.width { card.detector = nil }
        card.model.levels = card.model.levels.filter { $0 <= width }
        do {
            let slice = try ModelZoo.slice(
                of: width, in: self.card.model, input: input, classes: card.examples.classes)
            return TrainedModel(
                run: run, version: version, card: card,
                parameters: try ParameterVector(
                    layout: slice.layout, values: slice.gathered(from: parameters.values)))
        } catch {
            preconditionFailure("a part of a model is a model: \(error)")
        }
    }

    private static func width(of count: Int, _ base: WidthRatio) -> WidthRatio {
        do throws(CoreError) {
            return try WidthRatio(count * base.numerator, base.denominator)
        } catch {
            preconditionFailure("a card's bases are no wider than a full network: \(error)")
        }
    }
}
