// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore

/// How long to wait before the next attempt: exponential with jitter, so that workers that were cut off together
/// do not come back together.
package struct BackOff: Sendable {
    /// The largest wait after the first failure, in seconds.
    package let base: Double
    /// No wait is longer, in seconds.
    package let limit: Double
    private var failures = 0
    private var generator: SeededGenerator

    /// A back-off that starts at `base` seconds and doubles up to `limit`.
    package init(base: Double = 0.25, limit: Double = 30, generator: SeededGenerator) {
        precondition(base > 0 && limit >= base, "waits are positive")
        self.base = base
        self.limit = limit
        self.generator = generator
    }

    /// Seconds to wait after one more failure: uniform in the upper three quarters of the doubled bound.
    package mutating func nextDelay() -> Double {
        let bound = min(limit, base * Double(sign: .plus, exponent: min(failures, 30), significand: 1))
        failures += 1
        return bound * (0.25 + 0.75 * generator.nextUnitDouble())
    }

    /// Starts again at `base` after a success.
    package mutating func reset() { failures = 0 }
}
