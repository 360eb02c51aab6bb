// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
internal import FedTraining

/// How much a worker trains in a round of a model of several base networks, or of one with narrower networks in it.
public enum TrainingBudget: Hashable, Sendable {
    /// All of it.
    case everything
    /// As many bases, or as wide a network, as are no wider together.
    case width(WidthRatio)
    /// One base, or the narrowest network, at first; then as much as takes half of a round's time, as the training before shows,
    /// and no more than half of the memory that is free then.
    ///
    /// Bases are trained one after the other with the activations of one, so that memory does not limit how many.
    case measured

    /// Reads a width as in `1/4`, or `auto`; throws `CoreError.invalidSpecification` with a sentence for anything else.
    public init(text: String) throws(CoreError) {
        self = text == "auto" ? .measured : .width(try WidthRatio(text: text))
    }

    /// The width that can be trained in half of `deadlineSeconds` if `scope` took `seconds`: at least one base of `model`, or its
    /// narrowest level, and at most all; nil where nothing was measured.
    ///
    /// `bytes` tells what memory a level takes, nil where that is not known; what the one that was trained takes and half of
    /// `freeBytes` has to be enough.
    package static func affordable(
        after seconds: Double, trained scope: UpdateScope, of model: ModelSpec, deadlineSeconds: Double,
        freeBytes: Int = .max, bytes: (WidthRatio) -> Int? = { _ in nil }
    ) -> WidthRatio? {
        guard seconds > 0, seconds.isFinite else { return nil }
        if let width = scope.width {
            let unit = seconds / cost(of: width, among: model.levels)
            let held = bytes(width) ?? 0
            return model.levels.last { level in
                unit * cost(of: level, among: model.levels) <= deadlineSeconds / 2
                    && (bytes(level) ?? 0) - held <= freeBytes / 2
            } ?? model.levels.first
        }
        guard let trained = scope.bases?.count, trained >= 1 else { return nil }
        let most = Double(trained) * deadlineSeconds / 2 / seconds
        let count = most >= Double(model.bases) ? model.bases : max(1, Int(most))
        return try? WidthRatio(count * model.width.numerator, model.width.denominator)
    }

    /// What a step at a width costs with all narrower levels, beside the whole network alone: nearly all multiplications are of
    /// inputs and outputs that both have this share of their channels.
    private static func cost(of width: WidthRatio, among levels: [WidthRatio]) -> Double {
        levels.filter { $0 <= width }.reduce(0) { sum, level in
            let share = Double(level.numerator) / Double(level.denominator)
            return sum + share * share
        }
    }
}

extension RunDescription {
    /// About what memory training a level takes; nil of a network that this program does not build.
    func trainingBytes(at width: WidthRatio, batchSize: Int) -> Int? {
        guard let examples else { return nil }
        return try? ModelZoo.trainingBytes(
            of: model, scope: .nested(width),
            input: InputShape(channels: examples.channels, height: examples.height, width: examples.width),
            classes: examples.classes, maximumBatch: batchSize)
    }
}
