// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The version of both programs.
public enum ProgramVersion {
    /// Major, minor, patch.
    public static let current = "0.1.0"
}
