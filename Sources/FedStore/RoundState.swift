// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Where a round stands.
public enum RoundState: String, Codable, CaseIterable, Sendable {
    /// Its plan is durable and may have been dispatched.
    case planned
    /// It made a model.
    case committed
    /// It made none; another attempt may follow.
    case abandoned
}
