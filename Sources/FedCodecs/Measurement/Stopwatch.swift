// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Tells how long a short piece of work takes.
package struct Stopwatch {
    /// What is repeated so often takes long enough.
    private static let mostRepeats = 1 << 20

    /// A measurement lasts no shorter, in seconds.
    private let seconds: Double
    /// Seconds of the time that is measured, from any beginning.
    private let now: () -> Double

    /// A watch that reads `now` and measures for at least `seconds`.
    package init(seconds: Double, now: @escaping () -> Double) {
        self.seconds = seconds
        self.now = now
    }

    /// Seconds that `body` takes: it is repeated until it has taken long enough altogether, without asking for the time
    /// in between.
    package func time(_ body: () throws(CodecError) -> Void) throws(CodecError) -> Double {
        var repeats = 1
        while true {
            let start = now()
            for _ in 0..<repeats { try body() }
            let taken = now() - start
            if taken >= seconds || repeats >= Self.mostRepeats { return taken / Double(repeats) }
            let wanted = taken > 0 ? Double(repeats) * seconds / taken * 1.1 : .infinity
            repeats = Int(min(Double(8 * repeats), max(Double(repeats + 1), wanted)))
        }
    }
}
