// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// Payloads of the dense codecs: every value in one format, in layout order, plain or in blocks of compressed planes.
struct DensePayload: Sendable {
    /// The flag of a payload whose values stand in blocks of byte planes.
    static let planesFlag: UInt8 = 1

    /// How a value is written.
    let format: DenseFormat
    /// Whether payloads may be compressed.
    let isCompressible: Bool

    /// The payload for `update`: the plain one, unless a compressed one is allowed and shorter.
    func encode(_ update: ParameterVector) throws(CodecError) -> [UInt8] {
        try format.check(update.values)
        let plainCount = maximumEncodedCount(layout: update.layout)
        if isCompressible {
            let payload = compressed(update.values, limit: plainCount)
            if payload.count < plainCount { return payload }
        }
        var payload: [UInt8] = []
        payload.reserveCapacity(plainCount)
        PayloadHeader.append(to: &payload, wireNumber: format.wireNumber)
        forEachBlock(update.values) {
            payload.append(contentsOf: format.bytes(of: $0))
            return true
        }
        return payload
    }

    /// What the plain payload of float32 begins with; nil where the values are written in another way.
    func headOfPlainValues(_ update: ParameterVector) throws(CodecError) -> [UInt8]? {
        guard format == .float32, !isCompressible else { return nil }
        try format.check(update.values)
        var head: [UInt8] = []
        PayloadHeader.append(to: &head, wireNumber: format.wireNumber)
        return head
    }

    /// A payload in planes; what comes after `limit` bytes may be missing.
    private func compressed(_ values: [Float], limit: Int) -> [UInt8] {
        var payload: [UInt8] = []
        PayloadHeader.append(to: &payload, wireNumber: format.wireNumber, flags: Self.planesFlag)
        let planes = BytePlanes(width: format.width)
        let compressor = ZstandardCompressor()
        forEachBlock(values) { block in
            format.bytes(of: block).withUnsafeBytes { planes.append($0, to: &payload, with: compressor) }
            return payload.count < limit
        }
        return payload
    }

    /// Calls `body` for one block after the other until it returns false.
    private func forEachBlock(_ values: [Float], _ body: (UnsafeBufferPointer<Float>) -> Bool) {
        values.withUnsafeBufferPointer { values in
            for start in stride(from: 0, to: values.count, by: BytePlanes.blockCount) {
                let block = start..<min(start + BytePlanes.blockCount, values.count)
                guard body(UnsafeBufferPointer(rebasing: values[block])) else { return }
            }
        }
    }

    /// What reads such a payload.
    func makeReader(layout: ModelLayout) -> any PayloadReader { DenseReader(self, count: layout.count) }

    /// No payload for `layout` has fewer bytes.
    func minimumEncodedCount(layout: ModelLayout) -> Int {
        guard isCompressible else { return maximumEncodedCount(layout: layout) }
        let compressed = BytePlanes(width: format.width).minimumEncodedCount(of: layout.count)
        return PayloadHeader.count + min(compressed, format.width * layout.count)
    }

    /// The bytes of a plain payload for `layout`; none has more.
    func maximumEncodedCount(layout: ModelLayout) -> Int { PayloadHeader.count + format.width * layout.count }
}
