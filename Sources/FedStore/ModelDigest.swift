// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Crypto
public import FedCore

/// The name of a model by its values: SHA-256 of the float32 values, little-endian, in layout order.
///
/// Names, shapes and roles do not enter: two runs with the same digest hold the same bits.
public enum ModelDigest {
    /// 64 lowercase hexadecimal digits.
    public static func sha256(of parameters: ParameterVector) -> String {
        hexadecimal(digest(of: parameters.values))
    }

    /// The same as 32 bytes.
    public static func bytes(of parameters: ParameterVector) -> [UInt8] { [UInt8](digest(of: parameters.values)) }

    /// The bytes that `hexadecimal` wrote.
    package static func bytes(of hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// The digest of the vectors beside a model, by name: lengths, names and values all enter; nil if there are none.
    package static func sha256(of state: [String: [Float]]) -> String? {
        guard !state.isEmpty else { return nil }
        var hash = SHA256()
        for (name, values) in state.sorted(by: { $0.key < $1.key }) {
            let name = Array(name.utf8)
            for count in [name.count, values.count] {
                hash.update(data: (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) })
            }
            hash.update(data: name)
            values.withUnsafeBytes { hash.update(bufferPointer: $0) }
        }
        return hexadecimal(hash.finalize())
    }

    static func digest(of values: [Float]) -> SHA256Digest {
        var hash = SHA256()
        values.withUnsafeBytes { hash.update(bufferPointer: $0) }
        return hash.finalize()
    }

    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
