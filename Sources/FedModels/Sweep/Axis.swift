// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

/// Numbers along a line of a picture, with round ones for ticks.
struct Axis {
    /// Where it begins and ends in the picture.
    let from: Double
    let to: Double
    /// Round numbers, ascending; the first and the last are the ends.
    let ticks: [Double]
    /// How many digits behind the point tell the ticks apart.
    let digits: Int

    /// An axis that has room for all `values`, which are finite, with `atMost` (at least 2) steps between ticks.
    init(_ values: [Double], from: Double, to: Double, atMost: Int = 5) {
        var low = values.min() ?? 0
        var high = values.max() ?? 1
        if high - low < 1e-9 * max(1, abs(high)) { (low, high) = (low - 0.5, high + 0.5) }
        // 1, 2 or 5 times a power of ten.
        var step = pow(10, floor(log10((high - low) / Double(atMost))))
        var factors = [2.0, 2.5, 2.0]
        while ceil(high / step - 1e-9) - floor(low / step + 1e-9) > Double(atMost) {
            step *= factors[0]
            factors.append(factors.removeFirst())
        }
        let first = floor(low / step + 1e-9)
        let last = ceil(high / step - 1e-9)
        ticks = (0...Int(last - first)).map { (first + Double($0)) * step }
        digits = max(0, Int(ceil(-log10(step) - 1e-9)))
        self.from = from
        self.to = to
    }

    /// Where a number lies in the picture.
    func place(_ value: Double) -> Double {
        let (low, high) = (ticks[0], ticks[ticks.count - 1])
        return from + (value - low) / (high - low) * (to - from)
    }
}
