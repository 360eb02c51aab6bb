// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A certificate and its private key.
public struct TLSIdentity: Sendable {
    /// The certificate, then those between it and the authority, each in DER or PEM.
    public var certificateChain: [[UInt8]]
    /// The certificate's key, PKCS #8 in DER or PEM.
    public var privateKey: [UInt8]

    /// An identity; whether key and certificate are usable shows when a server or client is made from it.
    public init(certificateChain: [[UInt8]], privateKey: [UInt8]) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
    }
}
