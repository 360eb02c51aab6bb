// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// What a specification says to a sparse codec.
struct SparseOptions: Sendable {
    /// The density of a specification that states none.
    static let density = 0.01

    /// The specification.
    let spec: CodecSpec
    /// The share of entries that is kept, in (0, 1].
    let density: Double

    /// Reads a specification; throws `CodecError.invalidOption` unless its density is in (0, 1].
    init(_ spec: CodecSpec) throws(CodecError) {
        let density = spec.density ?? Self.density
        guard density > 0, density <= 1 else {
            throw CodecError(
                .invalidOption, "density is \(density), and must be above 0 and at most 1, as in 0.01")
        }
        self.spec = spec
        self.density = density
    }

    /// How many of `count` entries, at least one, are kept: never none.
    func kept(of count: Int) -> Int { min(count, max(1, Int((density * Double(count)).rounded()))) }

    /// How kept values travel where the specification says nothing: as they are.
    var values: SparseFormat.Values { spec.values == .float16 ? .float16 : .float32 }
}
