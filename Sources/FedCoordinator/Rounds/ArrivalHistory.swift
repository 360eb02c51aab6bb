// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
package import FedStore

/// How long workers took in the last rounds of a run, and the deadline that follows from it.
///
/// A value made of round records alone, so that a restarted coordinator derives the same deadlines.
package struct ArrivalHistory: Equatable, Sendable {
    /// The deadline of rounds before anything is known, in seconds.
    package static let firstDeadline = 600.0
    /// No deadline is shorter, in seconds: what hangs without a word is noticed by heartbeats long before.
    package static let shortestDeadline = 10.0
    /// No deadline is longer, in seconds: a day.
    package static let longestDeadline = 86_400.0
    /// How many median absolute deviations above the median a deadline is.
    package static let deviations = 6.0
    /// With fewer arrivals nothing is derived.
    package static let fewestArrivals = 4
    /// Older rounds are left out once the newer ones have so many arrivals.
    package static let enoughArrivals = 64

    /// The arrivals of rounds in seconds since their dispatch, oldest round first; never empty ones.
    private var rounds: [[Double]] = []

    /// What the records of committed rounds say, oldest first.
    package init(_ records: some Sequence<RoundRecord> = []) {
        for record in records { add(record) }
    }

    /// Goes on with the next committed round.
    ///
    /// A worker that had sent nothing when its round closed counts as if it had come at that moment: leaving it out
    /// would make deadlines shorter and shorter.
    package mutating func add(_ record: RoundRecord) {
        let arrivals = record.accepted.compactMap(\.arrivalSeconds) + record.late.map(\.seconds)
        guard !arrivals.isEmpty else { return }
        rounds.append(arrivals)
        while let oldest = rounds.first, count - oldest.count >= Self.enoughArrivals { rounds.removeFirst() }
    }

    /// How many arrivals are known.
    private var count: Int { rounds.reduce(0) { $0 + $1.count } }

    /// The next round's deadline in seconds: the median of the arrivals plus 6 median absolute deviations, at least twice the
    /// median, in 10 seconds to a day.
    package var deadlineSeconds: Double {
        let arrivals = rounds.joined()
        guard arrivals.count >= Self.fewestArrivals else { return Self.firstDeadline }
        let median = Self.median(of: arrivals)
        let deviation = Self.median(of: arrivals.map { abs($0 - median) })
        let derived = max(median + Self.deviations * deviation, 2 * median)
        return min(max(derived, Self.shortestDeadline), Self.longestDeadline)
    }

    /// The deadline of another attempt at a round that got too few updates within `seconds`: twice that.
    package static func retryDeadline(after seconds: Double) -> Double { min(2 * seconds, longestDeadline) }

    /// The mean of the two values in the middle where their number is even; there is at least one.
    private static func median(of values: some Sequence<Double>) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
