// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Turns a model's change into bytes and back.
///
/// A codec is a value without state: what it draws at random comes from the generator it is handed, so the same
/// update and key give the same bytes. It is called once for a whole update, never for single entries.
///
/// A decoder trusts nothing but the layout. It must throw, and neither trap nor read past the end, for any bytes that
/// are not exactly a payload of that layout, and must not allocate for the model before the payload's length is right.
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

    /// The change that `payload` stands for, every value finite.
    ///
    /// Throws `CodecError` for whatever is not a payload of this codec for this layout.
    func decode(_ payload: [UInt8], layout: ModelLayout) throws(CodecError) -> ParameterVector

    /// No payload for `layout` has more bytes.
    func maximumEncodedCount(layout: ModelLayout) -> Int
}
