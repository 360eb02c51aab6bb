// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

/// Numbers as people read them.
public enum Quantity {
    /// Bytes in decimal units: `214 B`, `3.4 KB`, `0.21 MB`, `1.20 GB`.
    public static func bytes(_ count: Int) -> String {
        let value = Double(count)
        if count < 1000 { return "\(count) B" }
        if value < 1e5 { return String(format: "%.1f KB", value / 1e3) }
        if value < 1e9 { return String(format: "%.2f MB", value / 1e6) }
        return String(format: "%.2f GB", value / 1e9)
    }

    /// How many times smaller `count` is than `dense`: `20.1x`, or `-` where nothing was sent.
    public static func factor(_ count: Int, of dense: Int) -> String {
        count == 0 ? "-" : String(format: "%.1fx", Double(dense) / Double(count))
    }

    /// A duration: `25 ms`, `1.9 s`.
    public static func seconds(_ value: Double) -> String {
        value < 0.95 ? String(format: "%.0f ms", value * 1e3) : String(format: "%.1f s", value)
    }

    /// A number with so many digits behind the point.
    public static func decimal(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }

    /// A number with at most four significant digits: `54.32`, `1.2e+06`.
    public static func significant(_ value: Double) -> String {
        String(format: "%.4g", value)
    }
}
