// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Foundation
import Testing

/// Smoothed and masked losses against their formulas in double precision, and their gradients against differences of
/// those.
@Suite struct CrossEntropyTests {
    /// The mean loss by its definition: targets first, then −Σ t log p.
    private static func loss(
        _ logits: [[Double]], _ labels: [Int], smoothing: Double, masked: Bool
    ) -> Double {
        let classes = logits[0].count
        var sum = 0.0
        for (row, label) in zip(logits, labels) {
            let seen = (0..<classes).map { !masked || labels.contains($0) ? row[$0] : 0 }
            let largest = seen.max() ?? 0
            let total = seen.reduce(0) { $0 + exp($1 - largest) }
            for (index, logit) in seen.enumerated() {
                let target = (index == label ? 1 - smoothing : 0) + smoothing / Double(classes)
                sum -= target * (logit - largest - log(total))
            }
        }
        return sum / Double(labels.count)
    }

    /// The logits are the weights of a linear layer: example r is the unit vector r.
    private static func run(
        _ logits: [[Float]], _ labels: [Int], _ loss: CrossEntropy
    ) throws -> (loss: Double, gradient: [Float]) {
        let rows = logits.count
        let classes = logits[0].count
        let network = try Network(
            [.linear("fc", outputs: classes)], input: InputShape(channels: rows, height: 1, width: 1),
            maximumBatch: rows)
        let weights = (0..<classes).flatMap { index in logits.map { $0[index] } }
        try network.loadParameters(weights + [Float](repeating: 0, count: classes))
        let images = (0..<rows).flatMap { row in (0..<rows).map { $0 == row ? Float(1) : 0 } }
        let (value, gradient) = network.lossAndGradient(
            images: images, labels: labels.map(Int32.init), mode: .training, loss: loss)
        let rowsOfClasses = (0..<rows).flatMap { row in (0..<classes).map { gradient[$0 * rows + row] } }
        return (value, rowsOfClasses)
    }

    @Test(
        arguments: [(3, 2), (10, 7), (17, 5), (33, 40), (2, 1)],
        [
            CrossEntropy(), CrossEntropy(labelSmoothing: 0.1), CrossEntropy(labelSmoothing: 0.9),
            CrossEntropy(masked: true),
        ])
    func valuesAndGradientsAgreeWithDoublePrecision(_ size: (classes: Int, rows: Int), _ loss: CrossEntropy) throws {
        var generator = SeededGenerator(key: UInt64(size.classes))
        for scale: Float in [1, 20] {
            let logits = (0..<size.rows).map { _ in
                (0..<size.classes).map { _ in scale * (generator.nextUnitFloat() - 0.5) }
            }
            // Few classes, so that some are absent.
            let labels = (0..<size.rows).map { _ in generator.nextIndex(below: (size.classes + 1) / 2) }
            let (value, gradient) = try Self.run(logits, labels, loss)
            var doubles = logits.map { $0.map(Double.init) }
            func expected() -> Double {
                Self.loss(doubles, labels, smoothing: Double(loss.labelSmoothing), masked: loss.masked)
            }
            #expect(abs(value - expected()) < 1e-6 * max(1, expected()))
            let step = 1e-5
            for row in 0..<size.rows {
                for index in 0..<size.classes {
                    let middle = doubles[row][index]
                    doubles[row][index] = middle + step
                    let up = expected()
                    doubles[row][index] = middle - step
                    let down = expected()
                    doubles[row][index] = middle
                    #expect(abs(Double(gradient[row * size.classes + index]) - (up - down) / (2 * step)) < 3e-7)
                }
            }
        }
    }

    @Test func absentClassesGetNoGradient() throws {
        let logits: [[Float]] = [[1, 2, 50, -3], [0.5, -1, 80, 2]]
        let (value, gradient) = try Self.run(logits, [0, 3], CrossEntropy(masked: true))
        for index in [1, 2] { #expect(gradient[index] == 0 && gradient[4 + index] == 0) }
        // Their logits count as 0, however large they are.
        let rows = [[1, 0, 0, -3], [0.5, 0, 0, 2]]
        let expected = zip(rows, [0, 3]).reduce(0.0) { sum, row in
            sum + log(row.0.reduce(0) { $0 + exp($1) }) - row.0[row.1]
        }
        #expect(abs(value - expected / 2) < 1e-6)
    }

    @Test func aMaskOfAllClassesIsNone() throws {
        let logits: [[Float]] = [[1, 2, 3], [0.5, -1, 8], [2, 2, 2]]
        let plain = try Self.run(logits, [2, 0, 1], CrossEntropy())
        let masked = try Self.run(logits, [2, 0, 1], CrossEntropy(masked: true))
        #expect(plain.loss == masked.loss)
        #expect(plain.gradient == masked.gradient)
    }

    @Test(arguments: [CrossEntropy(labelSmoothing: 0.5), CrossEntropy(masked: true)])
    func lossOfBrokenLogitsIsNotFinite(_ loss: CrossEntropy) throws {
        for value in [Float.nan, .infinity] {
            #expect(try !Self.run([[value, 0, 1], [1, 2, 3]], [0, 1], loss).loss.isFinite)
        }
    }
}
