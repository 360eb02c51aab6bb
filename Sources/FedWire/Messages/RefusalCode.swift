// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Why an update was refused, as a number on the wire; unknown numbers are kept as they are.
public struct RefusalCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number on the wire, never reused.
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The run is not the one that is under way.
    public static let wrongRun = RefusalCode(rawValue: 1)
    /// The round has not begun, or does not exist.
    public static let wrongRound = RefusalCode(rawValue: 2)
    /// The worker has no assignment in this round.
    public static let notAssigned = RefusalCode(rawValue: 3)
    /// The worker's name is not the one in its certificate.
    public static let wrongWorker = RefusalCode(rawValue: 4)
    /// The update starts from another model than the assignment.
    public static let wrongModelVersion = RefusalCode(rawValue: 5)
    /// The update covers other parameters than the assignment.
    public static let wrongScope = RefusalCode(rawValue: 6)
    /// The codec is not the one of the assignment, or unknown.
    public static let wrongCodec = RefusalCode(rawValue: 7)
    /// The transfer failed: truncated, too long, damaged or too large.
    public static let transferFailed = RefusalCode(rawValue: 8)
    /// The payload does not decode.
    public static let undecodable = RefusalCode(rawValue: 9)
    /// The payload decodes to another number of values than the model has.
    public static let wrongLayout = RefusalCode(rawValue: 10)
    /// The values hold NaN or infinity, or are too large.
    public static let badValues = RefusalCode(rawValue: 11)
    /// The number of examples is not positive or above the limit.
    public static let badExampleCount = RefusalCode(rawValue: 12)
    /// The metrics are not numbers.
    public static let badMetrics = RefusalCode(rawValue: 13)
    /// The round is over, and went without this update.
    public static let late = RefusalCode(rawValue: 14)
    /// The coordinator failed to keep the update; the worker may offer it again.
    public static let unavailable = RefusalCode(rawValue: 15)
    /// Another update of the same worker is stored for the round.
    public static let anotherUpdate = RefusalCode(rawValue: 16)

    /// The codes with a meaning, in the order of their numbers, with the names that documents use.
    package static let named: [(code: RefusalCode, name: String)] = [
        (.wrongRun, "wrong-run"), (.wrongRound, "wrong-round"), (.notAssigned, "not-assigned"),
        (.wrongWorker, "wrong-worker"), (.wrongModelVersion, "wrong-model-version"), (.wrongScope, "wrong-scope"),
        (.wrongCodec, "wrong-codec"), (.transferFailed, "transfer-failed"), (.undecodable, "undecodable"),
        (.wrongLayout, "wrong-layout"), (.badValues, "bad-values"), (.badExampleCount, "bad-example-count"),
        (.badMetrics, "bad-metrics"), (.late, "late"), (.unavailable, "unavailable"),
        (.anotherUpdate, "another-update"),
    ]

    /// The name, as in `wrong-round`, or the number.
    public var description: String { Self.named.first { $0.code == self }?.name ?? "code-\(rawValue)" }
}
