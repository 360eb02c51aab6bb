// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What the text of one field says.
enum CSVCell {
    /// Nothing, or `NA`, or `?`.
    case missing
    /// A finite number.
    case number(Double)
    /// NaN or infinity, spelled out or too large for a double.
    case notFinite
    /// Anything else.
    case text

    init(_ text: String) {
        switch text {
        case "", "NA", "?": self = .missing
        default:
            // Hexadecimal numbers are taken for text.
            guard !text.utf8.contains(where: { $0 | 0x20 == UInt8(ascii: "x") }), let number = Double(text) else {
                self = .text
                return
            }
            self = number.isFinite ? .number(number) : .notFinite
        }
    }

    var isMissing: Bool {
        if case .missing = self { true } else { false }
    }
}
