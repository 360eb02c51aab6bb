// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Turns a model's change into bytes and back.
///
/// A codec is a value without state: what it draws at random comes from the generator it is handed, so the same
/// update and key give the same bytes. It is called once for a whole update, never for single entries.
public protocol GradientCodec: Sendable {
    /// The registered name.
    var id: CodecID { get }

    /// The number that names this codec in a payload's header; never given to another codec.
    var wireNumber: UInt8 { get }

    /// The payload for `update`.
    ///
    /// The bytes depend on the update and on `generator`'s key only. Throws `CodecError.nonFiniteValue` for NaN or
    /// infinity and `.valueOutOfRange` for a value the format cannot hold.
    func encode(_ update: ParameterVector, generator: SeededGenerator) throws(CodecError) -> [UInt8]

    /// What a payload for `update` begins with, where all that follows are the update's values as little-endian float32, so
    /// that who sends it needs no copy of them; nil for any other payload. Throws as `encode` does.
    func headOfPlainValues(_ update: ParameterVector) throws(CodecError) -> [UInt8]?

    /// What reads a payload for `layout`; makes no copy of the model.
    func makeReader(layout: ModelLayout) -> any PayloadReader

    /// No payload for `layout` has fewer bytes.
    func minimumEncodedCount(layout: ModelLayout) -> Int

    /// No payload for `layout` has more bytes.
    func maximumEncodedCount(layout: ModelLayout) -> Int
}

extension GradientCodec {
    public func headOfPlainValues(_ update: ParameterVector) throws(CodecError) -> [UInt8]? { nil }

    /// The change that `payload` stands for, every value finite.
    ///
    /// Throws `CodecError` for whatever is not a payload of this codec for this layout, and allocates nothing for the
    /// model before the payload is as long as one must be.
    public func decode(_ payload: [UInt8], layout: ModelLayout) throws(CodecError) -> ParameterVector {
        let minimum = minimumEncodedCount(layout: layout)
        guard payload.count >= minimum else {
            // What is wrong with the first bytes says more than that some are missing.
            var decoder = UpdateDecoder(self, layout: layout)
            try decoder.push(payload) { (_) throws(CodecError) in }
            throw CodecError(.truncated, "the payload has \(payload.count) bytes, this model takes \(minimum) or more")
        }
        var change = ParameterVector(zeros: layout)
        try change.withMutableValues { (values) throws(CodecError) in
            var decoder = UpdateDecoder(self, layout: layout)
            try decoder.push(payload) { (piece) throws(CodecError) in piece.copy(into: values) }
            try decoder.finish()
        }
        return change
    }
}

extension UpdatePiece {
    /// Writes the entries that are mentioned.
    fileprivate func copy(into target: UnsafeMutableBufferPointer<Float>) {
        if case .dense(let values, let start) = self {
            _ = UnsafeMutableBufferPointer(rebasing: target[start..<start + values.count]).update(from: values)
        } else {
            forEachEntry { target[$0] = $1 }
        }
    }
}
