// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Foundation

/// One file of `protocols/vectors`: what a codec must make of given values, byte for byte.
struct Vectors: Decodable {
    struct Refused: Decodable {
        let why: String
        let payload: String
    }

    /// The documents' folder.
    static let codecs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "protocols/codecs")

    /// The codec and its options.
    let spec: CodecSpec
    /// Whether the payload is one of several that stand for the values.
    let decodeOnly: Bool
    let key: String
    let layout: ModelLayout
    let values: String
    let payload: String
    let decoded: String
    let refused: [Refused]
    /// Values and decoded values stand for so many copies of themselves.
    let copies: Int
    /// Scales that workers share; nil for the update's own.
    let scales: [Float]?
    /// What is encoded in place of the values: the sums of the trits of so many updates.
    let sums: [Int32]?
    let updates: Int

    private enum CodingKeys: String, CodingKey {
        case codec, spec, decodeOnly, key, layout, values, payload, decoded, refused
        case copies = "repeat"
        case updates, scales, sums
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let codec = try container.decode(CodecID.self, forKey: .codec)
        spec = try container.decodeIfPresent(CodecSpec.self, forKey: .spec) ?? CodecSpec(codec)
        decodeOnly = try container.decodeIfPresent(Bool.self, forKey: .decodeOnly) ?? false
        key = try container.decode(String.self, forKey: .key)
        layout = try container.decode(ModelLayout.self, forKey: .layout)
        values = try container.decode(String.self, forKey: .values)
        payload = try container.decode(String.self, forKey: .payload)
        decoded = try container.decode(String.self, forKey: .decoded)
        refused = try container.decode([Refused].self, forKey: .refused)
        copies = try container.decodeIfPresent(Int.self, forKey: .copies) ?? 1
        scales = try container.decodeIfPresent(String.self, forKey: .scales).map(Self.floats)
        sums = try container.decodeIfPresent(String.self, forKey: .sums).map { hex in
            (Self.patterns(hex) ?? []).map { Int32(bitPattern: $0) }
        }
        updates = try container.decodeIfPresent(Int.self, forKey: .updates) ?? 1
    }

    /// The payload that `codec` makes of the inputs.
    func encode(with codec: any GradientCodec) throws -> [UInt8] {
        let values = try ParameterVector(
            layout: layout, values: [[Float]](repeating: Self.floats(values), count: copies).flatMap { $0 })
        let generator = SeededGenerator(key: UInt64(key, radix: 16) ?? 0)
        if let scales, let sums, let codec = codec as? TernarySumCodec {
            return try codec.encode(sums: sums, of: updates, scales: scales, exact: values)
        }
        if let scales, let codec = codec as? TernaryCodec {
            return try codec.encode(values, scales: scales, generator: generator)
        }
        return try codec.encode(values, generator: generator)
    }

    /// The float32 values that little-endian hexadecimal digits stand for; none where they are not hexadecimal.
    static func floats(_ hex: String) -> [Float] { (patterns(hex) ?? []).map(Float.init(bitPattern:)) }

    /// The names of the vectors' files, in order.
    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }.sorted()
    }

    private static var folder: URL { codecs.deletingLastPathComponent().appending(path: "vectors") }

    /// Reads a file of vectors.
    static func read(_ name: String) throws -> Vectors {
        try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: folder.appending(path: name)))
    }

    /// The bytes that hexadecimal digits stand for; nil for anything else.
    static func bytes(_ hex: String) -> [UInt8]? {
        let digits = hex.compactMap(\.hexDigitValue)
        guard digits.count == hex.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// The bit patterns of little-endian float32 values in hexadecimal.
    static func patterns(_ hex: String) -> [UInt32]? {
        guard let bytes = bytes(hex), bytes.count.isMultiple(of: 4) else { return nil }
        return stride(from: 0, to: bytes.count, by: 4).map { start in
            bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
    }
}
