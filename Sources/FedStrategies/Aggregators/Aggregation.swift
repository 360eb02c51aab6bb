// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// A round's aggregation under way: changes are added as they arrive, piece by piece, in any order and interleaved.
///
/// The outcome must be the same bits for every order of arrival, so that a resumed round equals an uninterrupted one, and
/// what is taken out again must leave no trace.
public protocol Aggregation: Sendable {
    /// How many parameters a change has.
    var parameterCount: Int { get }

    /// How many changes were counted.
    var contributions: Int { get }

    /// The sum of their weights.
    var totalWeight: Int64 { get }

    /// Throws `CoreError.weightOutOfRange` unless a change of this weight may come: at least 1, and within the bound.
    func check(weight: Int64) throws(CoreError)

    /// Adds a piece of a change of weight `weight`, or takes it out again where the weight is negative.
    ///
    /// Throws `CoreError.valueOutOfRange` for NaN, infinity or a magnitude that cannot be summed exactly, and must then have
    /// added nothing of the piece.
    mutating func add(_ piece: UpdatePiece, weight: Int64) throws(CoreError)

    /// Counts a change of what `scope` names, all pieces of which were added; throws as `check(weight:)` does.
    mutating func count(weight: Int64, in scope: UpdateScope) throws(CoreError)

    /// Takes a change of what `scope` names out of the count, all pieces of which were counted and taken out again.
    mutating func discount(weight: Int64, in scope: UpdateScope)

    /// What the counted changes are about: the rest of the model stays as it is.
    var trained: UpdateScope { get }

    /// The exact sum of the changes, times their weights; nil where there is none.
    var exactSum: FixedPointAccumulator? { get }

    /// The aggregated change; zeros when nothing was added.
    func finish() -> [Float]

    /// The same bits, after which the aggregation is not to be used any more: it may give its memory back meanwhile.
    mutating func takeResult() -> [Float]
}

extension Aggregation {
    public var trained: UpdateScope { .wholeModel }

    /// Counts a change of the whole model.
    public mutating func count(weight: Int64) throws(CoreError) { try count(weight: weight, in: .wholeModel) }

    /// Takes a change of the whole model out of the count.
    public mutating func discount(weight: Int64) { discount(weight: weight, in: .wholeModel) }

    /// Adds and counts a change of which all entries are at hand.
    ///
    /// Throws `CoreError.countMismatch`, `.weightOutOfRange` or `.valueOutOfRange`, and then has added nothing.
    public mutating func add(_ change: [Float], weight: Int64) throws(CoreError) {
        guard change.count == parameterCount else {
            throw CoreError(.countMismatch, "the update has \(change.count) values, the model \(parameterCount)")
        }
        try check(weight: weight)
        var failure: CoreError?
        change.withUnsafeBufferPointer { values in
            do throws(CoreError) { try add(.dense(values, at: 0), weight: weight) } catch { failure = error }
        }
        if let failure { throw failure }
        try count(weight: weight)
    }
}
