// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Who is at the other end of a connection, as far as the transport knows.
public struct ConnectionPeer: Hashable, Sendable {
    /// The peer's certificate in DER, which the handshake has verified; empty when the peer showed none.
    public var certificateChain: [[UInt8]]
    /// Address and port, for logs.
    public var address: String

    /// Describes a peer.
    public init(certificateChain: [[UInt8]] = [], address: String) {
        self.certificateChain = certificateChain
        self.address = address
    }
}
