// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// How much a reader of a journal accepts in one record.
public struct JournalLimits: Hashable, Sendable {
    /// Bytes of an update's description.
    public var maximumHeaderBytes: Int
    /// Bytes of an update's payload.
    public var maximumPayloadBytes: Int

    /// Limits, by default 4 MiB (the most statistics that travel) and 16 GiB (a dense model of the largest size).
    public init(maximumHeaderBytes: Int = 1 << 22, maximumPayloadBytes: Int = 1 << 34) {
        self.maximumHeaderBytes = maximumHeaderBytes
        self.maximumPayloadBytes = maximumPayloadBytes
    }
}
