// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The bytes of whole frames.
public enum FrameEncoder {
    /// A control message as one frame; throws `WireError.messageTooLarge` for one that does not fit.
    public static func control(_ message: ControlMessage) throws(WireError) -> [UInt8] {
        let payload = try message.encoded()
        return try FrameHeader(.control, stream: 0, length: payload.count).bytes + payload
    }

    /// The header of a frame with `length` bytes of a transfer; throws for a length outside of 1 to 256 KiB.
    public static func dataHeader(stream: UInt32, length: Int) throws(WireError) -> [UInt8] {
        try FrameHeader(.data, stream: stream, length: length).bytes
    }

    /// The end of a transfer's bytes.
    public static func end(stream: UInt32) throws(WireError) -> [UInt8] {
        try FrameHeader(.end, stream: stream, length: 0).bytes
    }

    /// Permission for `byteCount` further bytes, at least 1.
    public static func credit(stream: UInt32, byteCount: UInt32) throws(WireError) -> [UInt8] {
        try FrameHeader(.credit, stream: stream, length: 4).bytes + bigEndian(byteCount)
    }

    /// The end of a transfer that did not complete.
    public static func reset(stream: UInt32, code: ResetCode) throws(WireError) -> [UInt8] {
        try FrameHeader(.reset, stream: stream, length: 4).bytes + bigEndian(code.rawValue)
    }

    private static func bigEndian(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}
