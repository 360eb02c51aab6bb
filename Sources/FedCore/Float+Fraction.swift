// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

extension Float {
    /// A number, or a fraction of whole numbers such as `8/255`; nil for anything else.
    package init?(fraction text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let numbers = parts.map { Int32($0) }
        if parts.count == 2, let numerator = numbers[0], let denominator = numbers[1], denominator > 0 {
            self = Float(Double(numerator) / Double(denominator))
        } else if let number = Float(text), number.isFinite {
            self = number
        } else {
            return nil
        }
    }
}
