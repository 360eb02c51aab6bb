// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore
internal import Foundation

/// The Euclidean norm of an update, measured piece by piece, and what is too long.
package struct UpdateNorm: Sendable {
    /// The longest norm that is admitted; nil for any.
    private let bound: Double?
    private var squares = 0.0

    /// The norm of nothing; nil where the limits do not ask for norms.
    package init?(_ limits: RunConfig.LimitsSection) {
        guard limits.updateNorm != nil || limits.relativeNorm != nil else { return nil }
        bound = limits.updateNorm
    }

    /// Adds a piece.
    package mutating func add(_ piece: UpdatePiece) { squares += piece.squaredNorm }

    /// The norm of what was added.
    package var value: Double { squares.squareRoot() }

    /// Why the update is too long; nil if it is not.
    package var refusal: UpdateRefusal? {
        guard let bound, value > bound else { return nil }
        return UpdateRefusal(
            .badValues, "the update's norm \(Self.text(value)) is above limits.updateNorm \(Self.text(bound))")
    }

    /// Those of a round's updates that are longer than `factor` times the median of all, and why each is left out.
    ///
    /// Nobody is where fewer than three are there, or the median is 0. Of an even number the lower one of the middle two
    /// counts, so that the outcome depends on the norms only.
    package static func outliers(
        among norms: [WorkerID: Double], factor: Double
    ) -> [(worker: WorkerID, refusal: UpdateRefusal)] {
        guard norms.count >= 3 else { return [] }
        let median = norms.values.sorted()[(norms.count - 1) / 2]
        guard median > 0 else { return [] }
        return norms.filter { $0.value > factor * median }.sorted { $0.key < $1.key }.map { worker, norm in
            let reason =
                "the update's norm \(text(norm)) is above limits.relativeNorm \(text(factor)) times the round's median "
                + text(median)
            return (worker, UpdateRefusal(.badValues, reason))
        }
    }

    private static func text(_ value: Double) -> String { String(format: "%.4g", value) }
}
