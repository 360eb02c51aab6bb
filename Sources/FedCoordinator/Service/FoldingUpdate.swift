// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCodecs
package import FedCore
package import FedStrategies

/// An update that is arriving: what has come is decoded into the round's sum at once, and can be taken out again to the bit.
///
/// Besides the sum only the encoded bytes are kept, for the journal and for taking out.
package final class FoldingUpdate {
    /// What the worker's examples count.
    package let weight: Int64
    /// The attempt of a round whose sum it is folded into.
    package private(set) var attempt: Int
    /// Why the update is of no use; nil as long as it may be.
    package private(set) var failure: UpdateRefusal?
    /// What has arrived.
    package private(set) var payload: [UInt8] = []

    private let codec: any GradientCodec
    private let layout: ModelLayout
    private var decoder: UpdateDecoder
    private var measured: UpdateNorm?
    /// How many pieces are in the sum.
    private var pieces = 0

    /// Its Euclidean norm, as far as it has arrived; nil where nobody asked for it.
    package var norm: Double? { measured?.value }

    /// An update of `byteCount` bytes, none of which has arrived; `norm` measures it, where there is one.
    package init(
        codec: any GradientCodec, layout: ModelLayout, byteCount: Int, weight: Int64, attempt: Int = 0,
        norm: UpdateNorm? = nil
    ) {
        self.codec = codec
        self.layout = layout
        self.weight = weight
        self.attempt = attempt
        measured = norm
        decoder = UpdateDecoder(codec, layout: layout)
        // What a worker announces is not believed further than the codec goes.
        payload.reserveCapacity(max(0, min(byteCount, codec.maximumEncodedCount(layout: layout))))
    }

    /// Adds what the next bytes stand for; a failure is remembered, and nothing is added any more.
    package func push(_ chunk: [UInt8], into aggregation: inout any Aggregation) {
        payload += chunk
        remember { () throws(CodecError) in
            try decoder.push(chunk) { (piece) throws(CodecError) in
                try Self.add(piece, weight: weight, to: &aggregation)
                pieces += 1
                measured?.add(piece)
            }
        }
    }

    /// Checks and keeps the next bytes, which belong to a sum that is there no more.
    package func push(_ chunk: [UInt8]) {
        payload += chunk
        remember { () throws(CodecError) in
            try decoder.push(chunk) { (piece) throws(CodecError) in measured?.add(piece) }
        }
    }

    /// Adds an update that has arrived whole to the sum of this attempt, unless it is in that already or of no use.
    package func fold(into aggregation: inout any Aggregation, attempt: Int) {
        guard attempt != self.attempt, failure == nil else { return }
        self.attempt = attempt
        var decoder = UpdateDecoder(codec, layout: layout)
        remember { () throws(CodecError) in
            try decoder.push(payload) { (piece) throws(CodecError) in
                try Self.add(piece, weight: weight, to: &aggregation)
                pieces += 1
            }
        }
    }

    /// Notes a failure unless the payload is complete and no longer than allowed.
    package func finish() {
        remember { () throws(CodecError) in try decoder.finish() }
        if failure == nil { failure = measured?.refusal }
    }

    /// Nothing is added any more, for this reason.
    func refuse(_ refusal: UpdateRefusal) { failure = failure ?? refusal }

    /// Takes all that was added out of the sum again.
    package func takeBack(from aggregation: inout any Aggregation) {
        var rest = pieces
        pieces = 0
        var decoder = UpdateDecoder(codec, layout: layout)
        // Ends with an error where the payload is damaged: after the last piece that was added.
        try? decoder.push(payload) { (piece) throws(CodecError) in
            guard rest > 0 else { throw CodecError(.truncated, "all that was added is taken back") }
            try Self.add(piece, weight: -weight, to: &aggregation)
            rest -= 1
        }
        precondition(rest == 0, "a payload stands for the same pieces every time")
    }

    /// Adds one piece; what the sum refuses is an error of the payload.
    static func add(
        _ piece: UpdatePiece, weight: Int64, to aggregation: inout any Aggregation
    ) throws(CodecError) {
        do throws(CoreError) {
            try aggregation.add(piece, weight: weight)
        } catch {
            throw CodecError(.valueOutOfRange, error.message)
        }
    }

    private func remember(_ body: () throws(CodecError) -> Void) {
        guard failure == nil else { return }
        do throws(CodecError) {
            try body()
        } catch {
            let isBadValue = error == CodecError(.nonFiniteValue, "") || error == CodecError(.valueOutOfRange, "")
            failure = .init(isBadValue ? .badValues : .undecodable, error.message)
        }
    }
}
