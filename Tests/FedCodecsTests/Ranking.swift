// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The sparse codecs' choice made by sorting: what the fast one is compared with.
enum Ranking {
    /// All indices, that of the entry of largest `size` first, and of equal ones the lower first.
    static func order(_ values: [Float], _ size: (Float) -> Float) -> [Int] {
        let sizes = values.map(size)
        return values.indices.sorted { sizes[$0] == sizes[$1] ? $0 < $1 : sizes[$0] > sizes[$1] }
    }

    /// The indices of the `kept` entries of largest `size`, of equal ones the first; ascending.
    static func largest(_ values: [Float], kept: Int, _ size: (Float) -> Float) -> [Int] {
        order(values, size).prefix(kept).sorted()
    }

    /// What a mean of these sizes is as a float32, added up in order.
    static func mean(_ sizes: [Float]) -> Float {
        Float(sizes.reduce(0.0) { $0 + Double($1) } / Double(sizes.count))
    }

    /// Values of many shapes, with ties, zeros of both signs, tiny and huge magnitudes.
    static func samples(_ count: Int, seed: UInt64) -> [[Float]] {
        let normal = Samples.gaussian(count, seed: seed)
        return [
            normal, normal.map { (2 * $0).rounded() }, normal.map { abs($0) < 2 ? 0 * $0 : $0 },
            normal.map { $0 * $0 * $0 * 1e20 }, normal.map { $0 * 1e-30 * 1e-10 }, normal.sorted(),
            normal.map { -abs($0) },
            [Float](repeating: 0, count: count), [Float](repeating: -0.25, count: count),
        ]
    }
}
