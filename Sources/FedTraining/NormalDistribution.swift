// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
package import FedCore

/// Normal variates, the same bits on every machine.
package enum NormalDistribution {
    /// A standard normal variate (Marsaglia's polar method).
    package static func sample(using generator: inout SeededGenerator) -> Double {
        while true {
            let x = 2 * generator.nextUnitDouble() - 1
            let y = 2 * generator.nextUnitDouble() - 1
            let square = x * x + y * y
            if square > 0, square < 1 { return x * (-2 * fed_log(square) / square).squareRoot() }
        }
    }
}
