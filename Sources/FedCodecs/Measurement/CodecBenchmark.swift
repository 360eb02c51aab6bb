// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Measures codecs on one update, all of them in turn in each of several rounds, so that what else the machine does meets
/// all of them alike.
public struct CodecBenchmark: Sendable {
    /// One measurement for each codec, in the order in which they were named; times are medians of the rounds.
    public let codecs: [CodecMeasurement]
    /// Seconds to copy the update's float32 values from one place in memory to another, the median of the rounds.
    public let copySeconds: Double

    /// Measures `specs` on `update`, which must not be empty, in `rounds` rounds, at least 1, each figure over at least
    /// `seconds` seconds.
    ///
    /// `now` tells seconds of the time that is measured. Throws `CodecError` for a specification that the registry
    /// refuses, for NaN and infinity, and for values beyond ±1024, which no coordinator adds.
    public init(
        _ specs: [CodecSpec], on update: ParameterVector, rounds: Int, seconds: Double, seed: UInt64,
        now: @escaping () -> Double
    ) throws(CodecError) {
        precondition(!update.values.isEmpty && rounds >= 1, "there is something to measure")
        let generator = SeededGenerator(key: seed).stream("codec")
        var subjects: [MeasuredCodec] = []
        for spec in specs { subjects.append(try MeasuredCodec(spec, update: update, generator: generator)) }
        var sum = try MeasuredSum(count: update.values.count)
        var target = [Float](repeating: 0, count: update.values.count)
        let stopwatch = Stopwatch(seconds: seconds, now: now)
        var copies: [Double] = []
        for _ in 0..<rounds {
            copies.append(try stopwatch.time { () throws(CodecError) in Self.copy(update.values, to: &target) })
            for index in subjects.indices { try subjects[index].measure(with: stopwatch, sum: &sum) }
        }
        codecs = subjects.map(\.measurement)
        copySeconds = Self.median(copies)
    }

    private static func copy(_ values: [Float], to target: inout [Float]) {
        values.withUnsafeBytes { values in
            target.withUnsafeMutableBytes { $0.copyMemory(from: values) }
        }
    }

    /// The middle value, or the mean of the two in the middle.
    static func median(_ values: [Double]) -> Double {
        precondition(!values.isEmpty, "there is a middle")
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}
