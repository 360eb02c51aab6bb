// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// All codecs there are.
public enum CodecRegistry {
    /// Every codec, in the order of their wire numbers.
    public static let all: [any GradientCodec] = [
        DenseFloat32Codec(), DenseFloat16Codec(), TernaryCodec(),
    ]

    /// The registered names, in the order of `all`.
    public static var names: [String] { all.map(\.id.rawValue) }

    /// The codec of this name; throws `CodecError.unknownCodec`, which lists the known ones.
    public static func codec(_ id: CodecID) throws(CodecError) -> any GradientCodec {
        guard let codec = all.first(where: { $0.id == id }) else {
            throw CodecError(.unknownCodec, NearestName.unknown("codec", id.rawValue, among: names))
        }
        return codec
    }
}
