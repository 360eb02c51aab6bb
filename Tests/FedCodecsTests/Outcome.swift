// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Testing

/// What became of a payload: the values' bit patterns, or the kind of error.
enum Outcome: Equatable {
    case values([UInt32])
    case refused(CodecError)

    /// Decodes a payload at once.
    static func whole(_ payload: [UInt8], _ codec: any GradientCodec, _ layout: ModelLayout) -> Outcome {
        do throws(CodecError) {
            return .values(try codec.decode(payload, layout: layout).values.map(\.bitPattern))
        } catch {
            return .refused(error)
        }
    }

    /// Decodes a payload in pieces, and expects of what is handed on that it lies within the layout, is finite, and is
    /// mentioned once.
    static func cut(_ pieces: [[UInt8]], _ codec: any GradientCodec, _ layout: ModelLayout) -> Outcome {
        var values = [Float](repeating: 0, count: layout.count)
        var mentioned = [Bool](repeating: false, count: layout.count)
        do throws(CodecError) {
            var decoder = UpdateDecoder(codec, layout: layout)
            for piece in pieces {
                try decoder.push(piece) { (part) throws(CodecError) in
                    guard isSound(part, count: layout.count) else {
                        Issue.record("a piece that is not within the layout, finite and in order")
                        throw CodecError(.wrongFormat, "")
                    }
                    part.forEachEntry { offset, value in
                        if mentioned[offset] { Issue.record("entry \(offset) is mentioned twice") }
                        mentioned[offset] = true
                        values[offset] = value
                    }
                }
            }
            try decoder.finish()
            return .values(values.map(\.bitPattern))
        } catch {
            return .refused(error)
        }
    }

    /// Whether a piece keeps what `UpdatePiece` promises for a vector of `count` entries.
    private static func isSound(_ piece: UpdatePiece, count: Int) -> Bool {
        switch piece {
        case .dense(let values, let start):
            return start >= 0 && start + values.count <= count && values.allSatisfy { $0.isFinite }
        case .levels(let levels, let step, let start):
            return start >= 0 && start + levels.count <= count && step >= 0
                && levels.allSatisfy { (Float($0) * step).isFinite }
        case .sparse(let positions, let values, let start):
            return start >= 0 && positions.count == values.count && values.allSatisfy { $0.isFinite }
                && zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 }
                && positions.allSatisfy { start + Int($0) < count }
        }
    }
}
