// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

extension CodecSpec {
    /// The codecs that leave most of a change out, so that training needs what is left.
    private static let sparse: Set<String> = ["sbc", "stc", "top-k", "random-k"]

    /// Whether a worker adds to its next change what the codec left out of the last one: `errorFeedback`, or true for sparse
    /// codecs and false for the others, whose payloads stand for the change on average or to some bits.
    public var keepsResidual: Bool { errorFeedback ?? Self.sparse.contains(codec.rawValue) }

    /// Whether a worker's momentum starts anew at the entries that were sent: `momentumMasking`, or true for `sbc` where
    /// `optimizer` keeps its state, as in Sattler et al. 2018.
    public func masksMomentum(of optimizer: OptimizerSpec) -> Bool {
        guard optimizer.state == .kept, optimizer.quantities.contains(.momentum) else { return false }
        return momentumMasking ?? (codec.rawValue == "sbc")
    }
}
