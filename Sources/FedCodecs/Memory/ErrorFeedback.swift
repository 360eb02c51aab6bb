// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// What a lossy codec leaves out of a change is kept and added to the next one, so that nothing is lost for good.
///
/// With R the residual, ΔW the change and D(E(x)) what a payload for x stands for, a round sends E(R + ΔW) and leaves
/// R ← R + ΔW − D(E(R + ΔW)) (Seide et al., Interspeech 2014; Sattler et al. 2018, algorithm 1). So the residual and all that
/// was sent add up to all changes, but for the rounding of two additions a round. Entries that travel exactly leave 0.
public enum ErrorFeedback {
    /// The payload for `change` and the residual; what the payload lacks is the new residual.
    ///
    /// An empty residual counts as zeros; another has as many values as the layout counts. `onSent` gets every piece of the
    /// payload. Throws what the codec throws, and then leaves the residual as it was.
    public static func encode(
        _ change: ParameterVector, residual: inout [Float], codec: any GradientCodec, generator: SeededGenerator,
        onSent: (UpdatePiece) -> Void = { _ in }
    ) throws(CodecError) -> [UInt8] {
        var corrected = change
        if !residual.isEmpty { corrected.add(residual) }
        let payload = try codec.encode(corrected, generator: generator)
        try corrected.withMutableValues { (values) throws(CodecError) in
            let target = values
            try forEachPiece(of: payload, codec: codec, layout: change.layout) { piece in
                piece.forEachEntry { target[$0] -= $1 }
                onSent(piece)
            }
        }
        residual = corrected.values
        return payload
    }

    /// Adds what a payload stands for to the residual again: it was sent and not used.
    ///
    /// But running statistics, which are no steps: how far a worker's are from the model's it finds anew in each round. Throws `CodecError` for bytes that are no payload of this codec.
    public static func takeBack(
        _ payload: [UInt8], into residual: inout [Float], codec: any GradientCodec, layout: ModelLayout
    ) throws(CodecError) {
        let change = try codec.decode(payload, layout: layout)
        if residual.isEmpty { residual = [Float](repeating: 0, count: layout.count) }
        precondition(residual.count == layout.count, "a residual is as long as the model")
        for (parameter, segment) in zip(layout.parameters, layout.segments) where !parameter.role.isStatistics {
            for index in segment { residual[index] += change.values[index] }
        }
    }

    /// Calls `body` with everything that a payload stands for.
    static func forEachPiece(
        of payload: [UInt8], codec: any GradientCodec, layout: ModelLayout, _ body: (UpdatePiece) -> Void
    ) throws(CodecError) {
        var decoder = UpdateDecoder(codec, layout: layout)
        try decoder.push(payload) { (piece) throws(CodecError) in body(piece) }
        try decoder.finish()
    }
}
