// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Every value in 16 bits, IEEE 754 binary16, rounded to nearest with ties to even.
///
/// A value that rounds beyond ±65504 is refused rather than made smaller: a change of that size is a run gone wrong.
/// Bytes: the header, then each value as a little-endian binary16 in layout order (`protocols/codecs/dense-float16.md`), or
/// compressed blocks where the specification allows them.
public struct DenseFloat16Codec: GradientCodec {
    private let payload: DensePayload

    /// The codec with plain payloads.
    public init() { payload = DensePayload(format: .float16, isCompressible: false) }

    /// The codec of a specification, whose `entropy` is `none` unless it says otherwise.
    init(_ spec: CodecSpec) { payload = DensePayload(format: .float16, isCompressible: spec.entropy == .auto) }

    public var id: CodecID { CodecID("dense-float16") }

    public var wireNumber: UInt8 { payload.format.wireNumber }

    public func encode(_ update: ParameterVector, generator: SeededGenerator) throws(CodecError) -> [UInt8] {
        try payload.encode(update)
    }

    public func makeReader(layout: ModelLayout) -> any PayloadReader { payload.makeReader(layout: layout) }

    public func minimumEncodedCount(layout: ModelLayout) -> Int { payload.minimumEncodedCount(layout: layout) }

    public func maximumEncodedCount(layout: ModelLayout) -> Int { payload.maximumEncodedCount(layout: layout) }
}
