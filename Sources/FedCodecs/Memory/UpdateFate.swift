// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What became of an update that a worker had sent.
public enum UpdateFate: Sendable {
    /// It is part of the model.
    case used
    /// It is not, and what it held may be sent again.
    case unused
    /// Its values are of no use, and would not be if they were sent again.
    case unusable
}
