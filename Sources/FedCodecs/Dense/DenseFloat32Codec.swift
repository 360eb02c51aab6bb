// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Every value as it is, in 32 bits: the reference that other codecs are compared with.
///
/// Bytes: the header, then each value as a little-endian float32 in layout order (`protocols/codecs/dense-float32.md`), or
/// compressed blocks where the specification allows them.
public struct DenseFloat32Codec: GradientCodec {
    private let payload: DensePayload

    /// The codec with plain payloads.
    public init() { payload = DensePayload(format: .float32, isCompressible: false) }

    /// The codec of a specification, whose `entropy` is `none` unless it says otherwise.
    init(_ spec: CodecSpec) { payload = DensePayload(format: .float32, isCompressible: spec.entropy == .auto) }

    public var id: CodecID { CodecID("dense-float32") }

    public var wireNumber: UInt8 { payload.format.wireNumber }

    public func encode(_ update: ParameterVector, generator: SeededGenerator) throws(CodecError) -> [UInt8] {
        try payload.encode(update)
    }

    public func headOfPlainValues(_ update: ParameterVector) throws(CodecError) -> [UInt8]? {
        try payload.headOfPlainValues(update)
    }

    public func makeReader(layout: ModelLayout) -> any PayloadReader { payload.makeReader(layout: layout) }

    public func minimumEncodedCount(layout: ModelLayout) -> Int { payload.minimumEncodedCount(layout: layout) }

    public func maximumEncodedCount(layout: ModelLayout) -> Int { payload.maximumEncodedCount(layout: layout) }
}
