// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

extension UpdatePiece {
    /// The layout offset that entries are counted from.
    public var start: Int {
        switch self {
        case .dense(_, let start), .levels(_, _, let start), .sparse(_, _, let start): start
        }
    }

    /// The same entries `count` places further on, or further back where that is negative.
    public func shifted(by count: Int) -> UpdatePiece {
        switch self {
        case .dense(let values, let start): .dense(values, at: start + count)
        case .levels(let levels, let step, let start): .levels(levels, step: step, at: start + count)
        case .sparse(let positions, let values, let start):
            .sparse(positions: positions, values: values, at: start + count)
        }
    }
}
