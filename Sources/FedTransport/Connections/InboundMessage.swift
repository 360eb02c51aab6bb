// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedWire

/// A message from the peer, with the transfer that it announces.
public struct InboundMessage: Sendable {
    /// The message.
    public let message: ControlMessage
    /// The bytes that follow the message; nil when it announces none.
    ///
    /// A transfer that nobody holds any more before its end is abandoned.
    public let transfer: IncomingTransfer?
}
