// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Where one tensor lies in a safetensors file.
struct SafetensorsTensor: Equatable, Sendable {
    /// The size of a 32-bit float.
    static let elementBytes = 4

    /// Its name.
    var name: String
    /// Its dimensions, outermost first.
    var shape: [Int]
    /// Its place, counted from the end of the header.
    var bytes: Range<Int>

    /// The number of values.
    var count: Int { bytes.count / Self.elementBytes }
}
