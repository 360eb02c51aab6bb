// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// No more assignments of this run will come.
public struct RunEnded: Hashable, Sendable {
    /// How a run ends.
    public enum Outcome: Hashable, CaseIterable, Sendable {
        /// All rounds are done.
        case finished
        /// The run cannot go on.
        case failed
        /// Somebody stopped it.
        case stopped
    }

    /// The run.
    public var run: RunID
    /// How it ended.
    public var outcome: Outcome
    /// One sentence for a person; at most 1024 bytes.
    public var message: String

    /// The end of a run.
    public init(run: RunID, outcome: Outcome, message: String = "") {
        self.run = run
        self.outcome = outcome
        self.message = message
    }
}
