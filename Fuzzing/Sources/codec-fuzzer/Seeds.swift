// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCore
internal import Foundation

/// The inputs that fuzzing starts from: the vectors' payloads, good and refused ones, and encoded changes.
struct Seeds {
    /// The parts of a vector that are needed here.
    private struct Vector: Decodable {
        struct Refused: Decodable { let payload: String }
        let codec: CodecID
        let spec: CodecSpec?
        let layout: ModelLayout
        let payload: String
        let refused: [Refused]
    }

    /// There are no codec and layout of a vector among the cases.
    private struct Missing: Error, CustomStringConvertible {
        let file: String
        var description: String { "\(file): add its spec and its layout to FuzzCases" }
    }

    private let folder: URL
    private var count = 0

    /// Writes all seeds to `folder`, which must exist; returns their number.
    static func write(to folder: URL, vectors: URL) throws -> Int {
        var seeds = Seeds(folder: folder)
        try seeds.writeVectors(vectors)
        try seeds.writeEncoded()
        return seeds.count
    }

    private init(folder: URL) { self.folder = folder }

    private mutating func writeVectors(_ vectors: URL) throws {
        for file in try FileManager.default.contentsOfDirectory(at: vectors, includingPropertiesForKeys: nil)
        where file.pathExtension == "json" {
            let vector = try JSONDecoder().decode(Vector.self, from: Data(contentsOf: file))
            // Names and shapes do not matter to most codecs: any layout with the same tensors' sizes and roles will do.
            let tensors = vector.layout.parameters.map { [$0.role.rawValue, "\($0.count)"] }
            guard let spec = FuzzCases.specs.firstIndex(of: vector.spec ?? CodecSpec(vector.codec)),
                let layout = FuzzCases.layouts.firstIndex(where: {
                    $0.parameters.map { [$0.role.rawValue, "\($0.count)"] } == tensors
                })
            else { throw Missing(file: file.lastPathComponent) }
            for hex in [vector.payload] + vector.refused.map(\.payload) {
                try write(spec: spec, layout: layout, payload: bytes(hex))
            }
        }
    }

    private mutating func writeEncoded() throws {
        for (spec, codec) in FuzzCases.codecs.enumerated() {
            for (index, layout) in FuzzCases.layouts.enumerated() {
                try writeEncoded(by: codec, spec: spec, layout, index: index)
            }
        }
        for (index, bound) in FuzzCases.bound.enumerated() {
            try writeEncoded(by: bound.codec, spec: FuzzCases.codecs.count + index, bound.layout, index: 0)
        }
    }

    private mutating func writeEncoded(
        by codec: any GradientCodec, spec: Int, _ layout: ModelLayout, index: Int
    ) throws {
        for share in [1, 20] {
            var generator = SeededGenerator(key: UInt64(share))
            let values = (0..<layout.count).map { _ in
                generator.nextIndex(below: share) == 0 ? generator.nextUnitFloat() - 0.5 : 0
            }
            let change = try ParameterVector(layout: layout, values: values)
            try write(spec: spec, layout: index, payload: codec.encode(change, generator: generator))
        }
    }

    private mutating func write(spec: Int, layout: Int, payload: [UInt8]) throws {
        // Inputs are short; what is cut off would be refused as truncated.
        guard payload.count <= 48_000 else { return }
        let input = [UInt8(spec), UInt8(layout), UInt8(truncatingIfNeeded: count)] + payload
        try Data(input).write(to: folder.appending(path: "seed-\(count)"))
        count += 1
    }

    private func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
