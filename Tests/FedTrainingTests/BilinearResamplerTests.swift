// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTraining
import Testing

@Suite struct BilinearResamplerTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var from: (height: Int, width: Int)
        var to: (height: Int, width: Int)
        var plane: [UInt8]
        var expected: [UInt8]
        var testDescription: String { "\(from) to \(to)" }
    }

    /// Expected values: `Image.resize` of Pillow 11 with `BILINEAR`.
    static let examples = [
        Example(from: (1, 1), to: (2, 3), plane: [255], expected: [255, 255, 255, 255, 255, 255]),
        Example(
            from: (2, 2), to: (3, 3), plane: [243, 189, 6, 131],
            expected: [243, 216, 189, 125, 143, 160, 6, 69, 131]),
        Example(
            from: (2, 3), to: (4, 6), plane: [102, 168, 82, 193, 187, 150],
            expected: [
                102, 119, 152, 147, 104, 82, 125, 137, 161, 155, 118, 99, 170, 174, 180, 170, 145, 133, 193, 192, 189,
                178, 159, 150,
            ]),
        Example(
            from: (5, 4), to: (2, 3),
            plane: [
                205, 24, 236, 8, 246, 164, 231, 36, 210, 111, 172, 210, 174, 176, 218, 242, 169, 114, 205, 63,
            ], expected: [187, 164, 119, 171, 173, 179]),
        Example(
            from: (4, 4), to: (4, 4), plane: [160, 47, 212, 79, 72, 112, 120, 222, 69, 31, 95, 108, 36, 109, 238, 69],
            expected: [160, 47, 212, 79, 72, 112, 120, 222, 69, 31, 95, 108, 36, 109, 238, 69]),
        Example(
            from: (7, 3), to: (3, 5),
            plane: [51, 81, 228, 211, 202, 58, 202, 65, 76, 70, 193, 104, 42, 250, 209, 164, 2, 44, 178, 140, 98],
            expected: [152, 143, 129, 126, 123, 108, 131, 166, 136, 116, 143, 127, 104, 101, 99]),
    ]

    @Test(arguments: examples)
    func resizesAsPillowDoes(_ example: Example) {
        var resampler = BilinearResampler(
            height: example.from.height, width: example.from.width, newHeight: example.to.height,
            newWidth: example.to.width)
        // The second of two planes, behind what is there.
        var target: [UInt8] = [1, 2]
        let other = [UInt8](repeating: 77, count: example.plane.count)
        resampler.append(plane: example.plane.count, of: other + example.plane, to: &target)
        #expect(target == [1, 2] + example.expected)
    }

    @Test(arguments: 1...12, 1...12)
    func onePlainColourStaysWhatItIs(_ from: Int, _ to: Int) {
        for level in [UInt8(0), 1, 127, 254, 255] {
            var resampler = BilinearResampler(height: from, width: 13 - from, newHeight: to, newWidth: 13 - to)
            var target: [UInt8] = []
            resampler.append(plane: 0, of: [UInt8](repeating: level, count: from * (13 - from)), to: &target)
            #expect(target == [UInt8](repeating: level, count: to * (13 - to)))
        }
    }
}
