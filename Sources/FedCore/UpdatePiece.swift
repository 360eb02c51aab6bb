// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A decoded stretch of an update, handed on before the rest has arrived.
///
/// Pieces come in any order. Entries that no piece mentions are 0, and none is mentioned twice. The
/// buffers are valid during the call that hands the piece over, and all values are finite.
public enum UpdatePiece {
    /// Neighbouring entries from layout offset `at` on.
    case dense(UnsafeBufferPointer<Float>, at: Int)
    /// Neighbouring entries from layout offset `at` on, each `Float(level) * step`; `step` is not negative.
    case levels(UnsafeBufferPointer<Int8>, step: Float, at: Int)
    /// Single entries: number `positions[i]` from layout offset `at` on is `values[i]`; positions ascend.
    case sparse(positions: UnsafeBufferPointer<UInt32>, values: UnsafeBufferPointer<Float>, at: Int)
}

extension UpdatePiece {
    /// Calls `body` with the layout offset and the value of every entry that is mentioned.
    ///
    /// For what is done once an update; sums have faster ways.
    public func forEachEntry(_ body: (_ offset: Int, _ value: Float) -> Void) {
        switch self {
        case .dense(let values, let start):
            for index in values.indices { body(start + index, values[index]) }
        case .levels(let levels, let step, let start):
            for index in levels.indices { body(start + index, Float(levels[index]) * step) }
        case .sparse(let positions, let values, let start):
            for index in positions.indices { body(start + Int(positions[index]), values[index]) }
        }
    }
}

extension UpdatePiece {
    /// Throws `CoreError.valueOutOfRange` for a largest magnitude that is NaN, infinite or above `bound`.
    package static func check(magnitude: Float, bound: Float) throws(CoreError) {
        guard magnitude.isFinite else { throw CoreError(.valueOutOfRange, "the update holds NaN or infinity") }
        guard magnitude <= bound else {
            throw CoreError(.valueOutOfRange, "the update holds a value beyond ±\(bound)")
        }
    }
}
