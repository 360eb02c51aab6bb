// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Numbers in file names.
enum FileNumber {
    /// At least six digits, so that names sort as numbers do.
    static func text(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }
}
