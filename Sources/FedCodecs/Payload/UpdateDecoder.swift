// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Decodes a payload while it arrives, cut anywhere, and hands on what it stands for.
///
/// Holds at most the beginning of one part. The same payload gives the same pieces however it is cut.
public struct UpdateDecoder {
    private var reader: any PayloadReader
    private var partial: [UInt8] = []

    /// A decoder of one payload of `codec` for `layout`.
    public init(_ codec: some GradientCodec, layout: ModelLayout) {
        reader = codec.makeReader(layout: layout)
    }

    /// A decoder of the payload that `reader`, at its beginning, reads.
    public init(_ reader: any PayloadReader) { self.reader = reader }

    /// Takes the next bytes; throws `CodecError` for what is no payload, and what `emit` throws.
    ///
    /// Nothing may follow once it has thrown.
    public mutating func push(_ bytes: [UInt8], _ emit: UpdatePieceHandler) throws(CodecError) {
        var failure: CodecError?
        bytes.withUnsafeBytes { bytes in
            do throws(CodecError) { try push(bytes, emit) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    private mutating func push(_ bytes: UnsafeRawBufferPointer, _ emit: UpdatePieceHandler) throws(CodecError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = reader.nextPartCount
            guard count > 0 else {
                throw CodecError(.trailingBytes, "the payload has more bytes than this model takes")
            }
            if partial.isEmpty, rest.count >= count {
                try reader.read(UnsafeRawBufferPointer(rebasing: rest.prefix(count)), emit)
                rest = rest.dropFirst(count)
                continue
            }
            let missing = min(count - partial.count, rest.count)
            partial.append(contentsOf: rest.prefix(missing))
            rest = rest.dropFirst(missing)
            guard partial.count == count else { return }
            var failure: CodecError?
            partial.withUnsafeBytes { part in
                do throws(CodecError) { try reader.read(part, emit) } catch { failure = error }
            }
            if let failure { throw failure }
            partial.removeAll(keepingCapacity: true)
        }
    }

    /// Throws `CodecError.truncated` unless the payload is complete.
    public func finish() throws(CodecError) {
        guard reader.nextPartCount == 0 else {
            throw CodecError(.truncated, "the payload ends before the model does")
        }
    }
}
