// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

extension OptimizerState {
    /// Sets the momentum to 0 at the entries that a piece of an update sends (momentum masking, Sattler et al. 2018,
    /// section 3; Lin et al., ICLR 2018, section 3.3).
    ///
    /// Momentum that has been sent would otherwise push stale gradients once more. A piece of all entries leaves the
    /// momentum alone: where everything travels at once nothing is stale. The piece must lie within the model.
    public mutating func maskMomentum(sentBy piece: UpdatePiece) {
        if case .dense = piece { return }
        for index in vectors.indices where vectors[index].quantity == .momentum {
            vectors[index].values.withUnsafeMutableBufferPointer { values in
                let target = values
                piece.forEachEntry { offset, value in if value != 0 { target[offset] = 0 } }
            }
        }
    }
}
