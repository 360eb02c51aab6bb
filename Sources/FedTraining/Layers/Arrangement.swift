// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// How the values of a batch lie in memory.
enum Arrangement {
    /// [example][value]: what matrix products take.
    case rows
    /// [block][value][example], sixteen examples a block: what convolutions take. The lanes of the last block that hold
    /// no example have defined values and zero gradients.
    case blocks

    /// Examples for which there is memory in use with a batch of `batch`.
    func stored(_ batch: Int) -> Int {
        switch self {
        case .rows: batch
        case .blocks: (batch + Self.width - 1) / Self.width * Self.width
        }
    }

    /// Examples of a block.
    static let width = Int(FED_BLOCK)
}
