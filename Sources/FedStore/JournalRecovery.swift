// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What opening a journal found.
public struct JournalRecovery: Hashable, Sendable {
    /// Complete updates.
    public var recordCount: Int
    /// Bytes of a torn tail that were cut off: an append that was never acknowledged.
    public var tornBytes: Int

    /// What was found.
    public init(recordCount: Int = 0, tornBytes: Int = 0) {
        self.recordCount = recordCount
        self.tornBytes = tornBytes
    }
}
