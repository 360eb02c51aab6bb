// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// How a client knows that it talks to the right server.
public enum ServerTrust: Sendable {
    /// The server's certificate was issued by this authority (a certificate in DER or PEM) for the name or address that the client
    /// connects to.
    case authority([UInt8])
    /// The last certificate that the server shows has this SHA-256, and `verify` accepts the chain.
    ///
    /// For a client that has no certificate yet. `verify` gets the chain in DER, the server's own certificate first,
    /// and has to check the signatures, times and name: the fingerprint says only which authority the chain claims.
    case fingerprint(sha256: [UInt8], verify: @Sendable (_ chain: [[UInt8]]) async -> Bool)
}
