// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The one rule for names that people choose: workers, runs.
enum NameRules {
    static let maximumLength = 64

    /// Throws `CoreError.invalidName` unless `name` is 1–64 characters out of `A-Z a-z 0-9 . _ -`, not starting
    /// with a dot or a dash. Such a name is safe as a file name, in a certificate and in a log line.
    static func check(_ name: String, what: String) throws(CoreError) {
        let allowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard allowed, (1...maximumLength).contains(name.utf8.count), !name.hasPrefix("."), !name.hasPrefix("-")
        else {
            throw CoreError(
                .invalidName,
                "a \(what) name is 1 to \(maximumLength) letters, digits, dots, dashes or underscores and starts with "
                    + "a letter, a digit or an underscore")
        }
    }
}
