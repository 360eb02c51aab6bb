// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The nine bytes before each payload: length (32 bits), type (8 bits), stream (32 bits), all big-endian.
public struct FrameHeader: Hashable, Sendable {
    /// What the frame carries.
    public let type: FrameType
    /// 0 for control messages; odd for transfers of the client, even for transfers of the server.
    public let stream: UInt32
    /// Bytes that follow the header.
    public let length: Int

    /// Throws `WireError.invalidFrameLength` or `.invalidStream` for a combination that cannot be.
    public init(_ type: FrameType, stream: UInt32, length: Int) throws(WireError) {
        guard type.payloadLengths.contains(length) else {
            throw WireError(
                .invalidFrameLength,
                "a frame of type \(type.rawValue) has \(type.payloadLengths.lowerBound) to "
                    + "\(type.payloadLengths.upperBound) bytes, not \(length)")
        }
        guard (type == .control) == (stream == 0) else {
            throw WireError(.invalidStream, "a frame of type \(type.rawValue) cannot be on stream \(stream)")
        }
        self.type = type
        self.stream = stream
        self.length = length
    }

    /// Reads a header; throws for an unknown type and as `init(_:stream:length:)` does.
    ///
    /// The length is a claim that has been compared with the type's limit, nothing else.
    init(length: UInt32, type: UInt8, stream: UInt32) throws(WireError) {
        guard let type = FrameType(rawValue: type) else {
            throw WireError(.unknownFrameType, "there is no frame type \(type)")
        }
        try self.init(type, stream: stream, length: Int(length))
    }

    /// The nine bytes.
    public var bytes: [UInt8] {
        let length = UInt32(length)
        return [
            UInt8(truncatingIfNeeded: length >> 24), UInt8(truncatingIfNeeded: length >> 16),
            UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length), type.rawValue,
            UInt8(truncatingIfNeeded: stream >> 24), UInt8(truncatingIfNeeded: stream >> 16),
            UInt8(truncatingIfNeeded: stream >> 8), UInt8(truncatingIfNeeded: stream),
        ]
    }
}
