// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// The ternary codec of one round, with scales that all its workers share (TernGrad, section 3.2, scaler sharing).
///
/// Payloads are those of `TernaryCodec`; a reader refuses any whose scales are not these.
public struct SharedTernaryCodec: GradientCodec {
    /// What encodes.
    public let codec: TernaryCodec
    /// One for each coded tensor, in layout order.
    public let scales: [Float]

    /// The codec with the scales that `SharedScales` gave for its tensors.
    public init(_ codec: TernaryCodec, scales: [Float]) {
        self.codec = codec
        self.scales = scales
    }

    public var id: CodecID { codec.id }

    public var wireNumber: UInt8 { codec.wireNumber }

    public func encode(_ update: ParameterVector, generator: SeededGenerator) throws(CodecError) -> [UInt8] {
        try codec.encode(update, scales: scales, generator: generator)
    }

    public func makeReader(layout: ModelLayout) -> any PayloadReader {
        codec.makeReader(layout: layout, sharedScales: scales)
    }

    public func minimumEncodedCount(layout: ModelLayout) -> Int { codec.minimumEncodedCount(layout: layout) }

    public func maximumEncodedCount(layout: ModelLayout) -> Int { codec.maximumEncodedCount(layout: layout) }
}
