// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// Traps where a piece breaks a promise of `UpdatePiece`, and folds pieces as a coordinator does.
struct PieceCheck {
    /// The entries that were mentioned, 0 for the others.
    private(set) var values: [Float]
    private var isMentioned: [Bool]
    private var sum: FixedPointAccumulator

    /// A check of an update of `count` entries.
    init(count: Int) {
        values = [Float](repeating: 0, count: count)
        isMentioned = [Bool](repeating: false, count: count)
        do {
            sum = try FixedPointAccumulator(count: count, weightBound: 3)
        } catch { preconditionFailure("\(error)") }
    }

    /// Looks at every entry of a piece.
    mutating func look(at piece: UpdatePiece) {
        switch piece {
        case .dense(let entries, let start):
            precondition(start >= 0 && start + entries.count <= values.count, "entries beyond the layout")
        case .levels(let levels, let step, let start):
            precondition(start >= 0 && start + levels.count <= values.count, "levels beyond the layout")
            precondition(step >= 0 && step.isFinite, "a step that is negative or no number")
        case .sparse(let positions, let entries, let start):
            precondition(start >= 0 && positions.count == entries.count, "a value for each position")
            precondition(zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 }, "positions ascend")
            precondition(positions.allSatisfy { start + Int($0) < values.count }, "positions beyond the layout")
        }
        piece.forEachEntry { offset, value in
            precondition(!isMentioned[offset], "an entry is mentioned twice")
            precondition(value.isFinite, "a value is no number")
            isMentioned[offset] = true
            values[offset] = value
        }
    }

    /// Adds a piece, or takes it out again with a negative weight; a value that is too large is left out both times.
    mutating func fold(_ piece: UpdatePiece, weight: Int64) {
        do throws(CoreError) {
            try sum.add(piece, weight: weight)
        } catch {
            precondition(error.code == .valueOutOfRange, "\(error)")
        }
    }

    /// Traps unless all that was added was taken out again.
    func expectNothingLeft() {
        precondition(sum.sums.allSatisfy { $0 == 0 }, "something is left of an update that was taken out again")
    }
}
