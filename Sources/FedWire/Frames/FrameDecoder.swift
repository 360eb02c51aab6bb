// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Finds frames in a stream of bytes that arrives in chunks of any size.
///
/// Control messages are gathered (at most `FrameLimits.controlPayload` bytes); bytes of transfers are not copied but
/// pointed at. No input makes it trap. After it has thrown it throws the same error again: there is no way to find
/// the next frame.
public struct FrameDecoder: Sendable {
    private enum State: Sendable {
        case header(UInt64, type: UInt8, count: Int)
        case control(remaining: Int)
        case data(stream: UInt32, remaining: Int)
        case number(FrameHeader, UInt32, count: Int)
        case failed(WireError)
    }

    private var state = State.header(0, type: 0, count: 0)
    private var gathered: [UInt8] = []

    /// A decoder at the start of a connection.
    public init() {}

    /// Whether the bytes so far end where a frame ends, so that the connection may close here.
    public var isBetweenFrames: Bool {
        if case .header(_, _, count: 0) = state { true } else { false }
    }

    /// The next event in `chunk` at or after `offset`, which moves behind it; nil when the chunk is used up.
    ///
    /// Call it with the same chunk until it returns nil, then with the next chunk and an offset of 0. Throws
    /// `WireError.unknownFrameType`, `.invalidFrameLength` or `.invalidStream`, before anything of the frame's payload
    /// is kept.
    public mutating func next(in chunk: RawSpan, from offset: inout Int) throws(WireError) -> FrameEvent? {
        precondition(offset >= 0, "the offset is not negative")
        while offset < chunk.byteCount {
            switch state {
            case .header(let bits, let type, let count):
                let byte = chunk.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
                offset += 1
                if let event = try header(bits: bits, type: type, count: count, byte: byte) { return event }
            case .control(let remaining):
                let taken = min(remaining, chunk.byteCount - offset)
                chunk.extracting(offset..<offset + taken).withUnsafeBytes { gathered.append(contentsOf: $0) }
                offset += taken
                if taken == remaining {
                    state = .header(0, type: 0, count: 0)
                    defer { gathered = [] }
                    return .control(gathered)
                }
                state = .control(remaining: remaining - taken)
            case .data(let stream, let remaining):
                let range = offset..<offset + min(remaining, chunk.byteCount - offset)
                offset = range.upperBound
                state =
                    range.count == remaining
                    ? .header(0, type: 0, count: 0) : .data(stream: stream, remaining: remaining - range.count)
                return .data(stream: stream, range: range)
            case .number(let header, let bits, let count):
                let byte = chunk.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
                offset += 1
                let number = bits << 8 | UInt32(byte)
                guard count == 3 else {
                    state = .number(header, number, count: count + 1)
                    continue
                }
                state = .header(0, type: 0, count: 0)
                if let event = try event(header, number) { return event }
            case .failed(let error):
                throw error
            }
        }
        return nil
    }

    /// Takes one byte of a header; an event where the frame ends with it.
    private mutating func header(
        bits: UInt64, type: UInt8, count: Int, byte: UInt8
    ) throws(WireError) -> FrameEvent? {
        guard count < FrameLimits.header - 1 else {
            let bits = bits << 8 | UInt64(byte)
            return try begin(length: UInt32(bits >> 32), type: type, stream: UInt32(truncatingIfNeeded: bits))
        }
        state =
            count == 4
            ? .header(bits, type: byte, count: 5) : .header(bits << 8 | UInt64(byte), type: type, count: count + 1)
        return nil
    }

    private mutating func begin(length: UInt32, type: UInt8, stream: UInt32) throws(WireError) -> FrameEvent? {
        let header: FrameHeader
        do { header = try FrameHeader(length: length, type: type, stream: stream) } catch { throw fail(error) }
        switch header.type {
        case .control where header.length == 0:
            state = .header(0, type: 0, count: 0)
            return .control([])
        case .control: state = .control(remaining: header.length)
        case .data: state = .data(stream: stream, remaining: header.length)
        case .end:
            state = .header(0, type: 0, count: 0)
            return .end(stream: stream)
        case .credit, .reset: state = .number(header, 0, count: 0)
        }
        return nil
    }

    private mutating func event(_ header: FrameHeader, _ number: UInt32) throws(WireError) -> FrameEvent? {
        if header.type == .reset { return .reset(stream: header.stream, code: ResetCode(rawValue: number)) }
        guard number > 0 else {
            throw fail(WireError(.invalidFrameLength, "a CREDIT frame allows at least 1 byte"))
        }
        return .credit(stream: header.stream, byteCount: Int(number))
    }

    private mutating func fail(_ error: WireError) -> WireError {
        state = .failed(error)
        gathered = []
        return error
    }
}
