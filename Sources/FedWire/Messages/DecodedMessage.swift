// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What a control frame holds.
public enum DecodedMessage: Hashable, Sendable {
    /// A message of this version of the protocol.
    case known(ControlMessage)
    /// A message of a later version: to be skipped.
    case unknown
}
