// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Resizes planes of bytes: bilinear where they grow, a triangle as wide as what a pixel covers where they shrink
/// (antialiased), centres of pixels at halves.
///
/// The bits are those of Pillow up to version 11; later ones may take the columns first. Each output pixel is a weighted
/// mean of input pixels, first along rows, then along columns, with weights in 22-bit fixed point and each of the two
/// results rounded to a byte, so the bits are the same everywhere. A value has its own scratch rows: use it from one
/// thread at a time.
package struct BilinearResampler {
    /// How one output position is made: input positions from `start`, one weight each.
    private struct Taps {
        var start: Int
        var weights: [Int32]
    }

    private static let precision = 22

    private let width: Int
    private let rowTaps: [Taps]
    private let columnTaps: [Taps]
    /// The plane, resized along its rows only.
    private var narrowed: [UInt8]

    /// Makes planes of `height` x `width` into planes of `newHeight` x `newWidth`, all at least 1.
    package init(height: Int, width: Int, newHeight: Int, newWidth: Int) {
        precondition(min(height, width, newHeight, newWidth) >= 1, "planes have pixels")
        self.width = width
        rowTaps = Self.taps(from: width, to: newWidth)
        columnTaps = Self.taps(from: height, to: newHeight)
        narrowed = [UInt8](repeating: 0, count: height * newWidth)
    }

    /// Appends the resized `plane`, which begins at `start` of `source`, to `target`.
    package mutating func append(plane start: Int, of source: [UInt8], to target: inout [UInt8]) {
        let newWidth = rowTaps.count
        for row in 0..<(narrowed.count / newWidth) {
            for (column, taps) in rowTaps.enumerated() {
                narrowed[row * newWidth + column] = Self.mean(
                    source, from: start + row * width + taps.start, by: 1, taps)
            }
        }
        for taps in columnTaps {
            for column in 0..<newWidth {
                target.append(Self.mean(narrowed, from: taps.start * newWidth + column, by: newWidth, taps))
            }
        }
    }

    private static func mean(_ source: [UInt8], from start: Int, by step: Int, _ taps: Taps) -> UInt8 {
        var sum = Int32(1) << (precision - 1)
        var position = start
        for weight in taps.weights {
            sum += Int32(source[position]) * weight
            position += step
        }
        return UInt8(clamping: sum >> precision)
    }

    /// The weights of every output position along one axis.
    private static func taps(from count: Int, to newCount: Int) -> [Taps] {
        let scale = Double(count) / Double(newCount)
        // Half the width of the triangle: 1 input pixel where the axis grows, `scale` of them where it shrinks.
        let support = max(scale, 1)
        return (0..<newCount).map { position in
            let center = (Double(position) + 0.5) * scale
            let start = max(0, Int(center - support + 0.5))
            let end = min(count, Int(center + support + 0.5))
            let raw = (start..<end).map { max(0, 1 - abs(Double($0) + 0.5 - center) / support) }
            let sum = raw.reduce(0, +)
            return Taps(start: start, weights: raw.map { Int32($0 / sum * Double(1 << precision) + 0.5) })
        }
    }
}
