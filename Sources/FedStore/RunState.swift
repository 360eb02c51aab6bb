// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Where a run stands. A run never goes back.
public enum RunState: String, Codable, CaseIterable, Sendable {
    /// Recorded, not begun.
    case created
    /// Begun; a coordinator that finds a run in this state resumes it.
    case running
    /// All rounds are done.
    case finished
    /// It could not go on, for the recorded reason.
    case failed
    /// Someone stopped it.
    case stopped

    /// Whether nothing can follow.
    public var isFinal: Bool { self == .finished || self == .failed || self == .stopped }

    /// Whether `next` may follow: created → running → finished, failed or stopped; a created run may also fail or be
    /// stopped, and `running` may be repeated, which is what a coordinator that resumes does.
    public func canBecome(_ next: RunState) -> Bool {
        switch (self, next) {
        case (.created, .running), (.created, .failed), (.created, .stopped), (.running, .running),
            (.running, .finished), (.running, .failed), (.running, .stopped):
            true
        default: false
        }
    }
}
