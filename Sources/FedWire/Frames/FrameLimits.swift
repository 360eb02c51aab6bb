// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The sizes that both ends of a connection hold to, in bytes.
public enum FrameLimits {
    /// Length, type and stream.
    public static let header = 9
    /// The longest control message.
    public static let controlPayload = 1 << 20
    /// The most bytes of a transfer in one frame.
    public static let dataPayload = 256 << 10
    /// What a sender may send of each transfer before the first CREDIT.
    public static let initialCredit = 64 << 10
    /// The most transfers under way in one direction of a connection.
    public static let concurrentTransfers = 8
    /// The largest transfer that a header can announce: 2^40.
    public static let transferBytes = 1 << 40
}
