// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What a frame carries. The numbers are never reused.
public enum FrameType: UInt8, CaseIterable, Sendable {
    /// One control message, on stream 0.
    case control = 1
    /// Bytes of a transfer.
    case data = 2
    /// The end of a transfer's bytes; empty.
    case end = 3
    /// Permission to send further bytes of a transfer: a 32-bit count.
    case credit = 4
    /// The end of a transfer that did not complete: a 32-bit code.
    case reset = 5

    /// The lengths in bytes that a payload of this type may have.
    public var payloadLengths: ClosedRange<Int> {
        switch self {
        case .control: 0...FrameLimits.controlPayload
        case .data: 1...FrameLimits.dataPayload
        case .end: 0...0
        case .credit, .reset: 4...4
        }
    }
}
