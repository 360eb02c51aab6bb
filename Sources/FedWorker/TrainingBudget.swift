// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// How much of a model of several base networks a worker trains in a round.
public enum TrainingBudget: Hashable, Sendable {
    /// All of it.
    case everything
    /// As many bases as are no wider together.
    case width(WidthRatio)
    /// One base at first; then as many as take half of a round's time, as the training before shows.
    ///
    /// Bases are trained one after the other with the activations of one, so that it is time that limits how many.
    case measured

    /// Reads a width as in `1/4`, or `auto`; throws `CoreError.invalidSpecification` with a sentence for anything else.
    public init(text: String) throws(CoreError) {
        self = text == "auto" ? .measured : .width(try WidthRatio(text: text))
    }

    /// The width that can be trained in half of `deadlineSeconds` if `trained` bases took `seconds`: at least one base of `model`
    /// and at most all; nil where nothing was measured.
    package static func affordable(
        after seconds: Double, trained: Int, of model: ModelSpec, deadlineSeconds: Double
    ) -> WidthRatio? {
        guard trained >= 1, seconds > 0, seconds.isFinite else { return nil }
        let most = Double(trained) * deadlineSeconds / 2 / seconds
        let count = most >= Double(model.bases) ? model.bases : max(1, Int(most))
        return try? WidthRatio(count * model.width.numerator, model.width.denominator)
    }
}
