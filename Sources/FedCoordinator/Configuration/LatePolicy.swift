// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What becomes of an update that comes after its round has closed, as a run file's `cohort.late` says it.
public enum LatePolicy: String, Codable, CaseIterable, Sendable {
    /// It is refused; workers that are still at it when a round closes are told to stop.
    case refuse
    /// It goes into the sum of a later round, with less weight the later that is.
    case fold
}
