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
}
