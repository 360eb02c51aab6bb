// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Foundation

/// A file of `Vectors`: a few training steps as PyTorch takes them. `scripts/make-training-vectors.py` says what is in it.
struct TrainingVector: Decodable {
    struct Tensor: Decodable {
        let shape: [Int]
        let scale: Float
        let offset: Float
        let rounding: Double
        let norm: Double
        let at: [Int]
        let change: [Double]
    }

    let seed: UInt32
    let model: ModelSpec
    let input: InputShape
    let classes: Int
    let examples: Int
    let training: LocalTrainingSpec
    let losses: [Double]
    let logits: [Double]
    let tensors: [Tensor]

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors")

    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }.sorted()
    }

    static func read(_ name: String) throws -> TrainingVector {
        try JSONDecoder().decode(TrainingVector.self, from: Data(contentsOf: folder.appending(path: name)))
    }

    /// The weights before the first step, in layout order.
    var weights: [Float] {
        tensors.enumerated().flatMap { number, tensor in
            uniform(tensor: UInt32(number), count: tensor.shape.reduce(1, *)).map {
                (2 * $0 - 1) * tensor.scale + tensor.offset
            }
        }
    }

    /// The pixels of all examples.
    var images: [Float] { uniform(tensor: 1000, count: examples * input.count) }

    /// The labels of all examples.
    var labels: [Int32] { mixed(tensor: 1001, count: examples).map { Int32($0 % UInt32(classes)) } }

    private func uniform(tensor: UInt32, count: Int) -> [Float] {
        mixed(tensor: tensor, count: count).map { Float($0 >> 8) * 0x1p-24 }
    }

    private func mixed(tensor: UInt32, count: Int) -> [UInt32] {
        (0..<UInt32(count)).map { entry in
            var bits = entry &* 0x9E37_79B1 &+ (1024 &* seed &+ tensor &+ 1) &* 0x85EB_CA77
            bits ^= bits >> 16
            bits = bits &* 0x21F0_AAAD
            bits ^= bits >> 15
            bits = bits &* 0x735A_2D97
            return bits ^ (bits >> 15)
        }
    }
}
