// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Crypto

/// The name of an update's payload: SHA-256 of its bytes as 64 lowercase hexadecimal digits.
public enum PayloadDigest {
    /// The digest of a payload.
    public static func sha256(of payload: [UInt8]) -> String { ModelDigest.hexadecimal(SHA256.hash(data: payload)) }

    /// A digest of 32 bytes that is known already.
    public static func text(_ digest: [UInt8]) -> String { ModelDigest.hexadecimal(digest) }
}
