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
            let guess = NearestName.suggestion(for: id.rawValue, among: names).map { "did you mean \($0)? " } ?? ""
            throw CodecError(
                .unknownCodec,
                "there is no codec \"\(id.rawValue.prefix(64))\": \(guess)known are \(names.joined(separator: ", "))"
            )
        }
        return codec
    }
}
