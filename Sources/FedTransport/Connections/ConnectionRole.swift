// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Which end of a connection this is.
package enum ConnectionRole: Sendable {
    /// Opened the connection; its streams are odd.
    case client
    /// Accepted the connection; its streams are even.
    case server

    /// The first stream of this end's own transfers.
    var firstStream: UInt32 { self == .client ? 1 : 2 }

    /// Whether a stream belongs to this end's transfers.
    func owns(_ stream: UInt32) -> Bool { (stream & 1 == 1) == (self == .client) }
}
