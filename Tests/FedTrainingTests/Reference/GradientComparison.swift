// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

/// Holds a gradient of the engine against central differences of the reference's loss.
///
/// A tensor of up to `exhaustive` entries is checked entry by entry. Of a larger one a seeded sample is checked, and
/// directions that change *all* entries by the same amount with random signs: for an error e of the whole tensor of n
/// entries, the mean square along such a unit vector is ‖e‖²/n, so that no entry goes unseen.
struct GradientComparison {
    /// What came of one tensor.
    struct Result {
        var name: String
        /// Directions along which a derivative exists, and all that were tried.
        var checked = 0
        var tried = 0
        /// Root mean squares over the checked directions: of the differences, and of the central differences themselves.
        var error = 0.0
        var slope = 0.0
        /// The root mean square of the engine's gradient.
        var gradient = 0.0
    }

    /// Half the distance of the two evaluations, along unit vectors.
    static let step = 1e-6
    /// Tensors of at most so many entries are checked entry by entry.
    static let exhaustive = 12

    var generator: SeededGenerator
    /// Entries and directions tried of a larger tensor, each.
    var samples = 6

    /// Compares the entries `segment` of `gradient`, at the point `base` where the loss is `middle`.
    mutating func compare(
        _ name: String, _ gradient: [Float], _ segment: Range<Int>, at base: [Double], middle: Double,
        loss: ([Double]) -> Double
    ) -> Result {
        var result = Result(name: name)
        let squares = segment.reduce(0.0) { $0 + Double(gradient[$1]) * Double(gradient[$1]) }
        result.gradient = (squares / Double(segment.count)).squareRoot()
        for direction in directions(segment) {
            result.tried += 1
            func value(_ step: Double) -> Double {
                var point = base
                for (index, share) in direction { point[index] += step * share }
                return loss(point)
            }
            let up = (value(Self.step) - middle) / Self.step
            let down = (middle - value(-Self.step)) / Self.step
            // Where the slopes on both sides differ, a maximum changed sides in between: no derivative to compare.
            guard abs(up - down) <= 1e-3 * result.gradient + 1e-8 else { continue }
            let slope = (up + down) / 2
            let engine = direction.reduce(0.0) { $0 + Double(gradient[$1.index]) * $1.share }
            result.checked += 1
            result.error += (slope - engine) * (slope - engine)
            result.slope += slope * slope
        }
        result.error = (result.error / Double(max(result.checked, 1))).squareRoot()
        result.slope = (result.slope / Double(max(result.checked, 1))).squareRoot()
        return result
    }

    /// Unit vectors as their entries that are not 0.
    private mutating func directions(_ segment: Range<Int>) -> [[(index: Int, share: Double)]] {
        guard segment.count > Self.exhaustive else { return segment.map { [($0, 1)] } }
        var result = (0..<samples).map { _ in
            [(index: segment.lowerBound + generator.nextIndex(below: segment.count), share: 1.0)]
        }
        let share = 1 / Double(segment.count).squareRoot()
        for _ in 0..<samples {
            result.append(segment.map { ($0, generator.next() >> 63 == 0 ? share : -share) })
        }
        return result
    }
}
