// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

extension UpdatePiece {
    /// The largest magnitude of the entries that are mentioned, infinity where one is NaN or infinite; 0 for none.
    public var magnitude: Float {
        switch self {
        case .dense(let values, _): return fed_max_magnitude(values.baseAddress, values.count)
        case .levels(let levels, let step, _):
            // A step may be beyond any bound where nothing is a multiple of it.
            let largest = fed_largest_level(levels.baseAddress, levels.count)
            return largest == 0 ? 0 : Float(largest) * step
        case .sparse(_, let values, _): return fed_max_magnitude(values.baseAddress, values.count)
        }
    }

    /// The sum of the squares of the entries that are mentioned, in double precision.
    public var squaredNorm: Double {
        switch self {
        case .dense(let values, _), .sparse(_, let values, _):
            var squares = 0.0
            fed_add_square_norms(&squares, values.baseAddress, 1, values.count)
            return squares
        case .levels(let levels, let step, _):
            let squares = levels.reduce(into: 0) { $0 &+= Int($1) &* Int($1) }
            return squares == 0 ? 0 : Double(squares) * (Double(step) * Double(step))
        }
    }
}
