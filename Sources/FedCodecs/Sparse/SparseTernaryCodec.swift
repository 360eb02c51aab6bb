// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// One magnitude with either sign for a share of the entries, 0 for all others: sparse ternary compression (Sattler, Wiedemann,
/// Müller and Samek, IEEE TNNLS 2020, algorithm 1, arXiv:1903.02891).
///
/// A unit's k entries of largest magnitude are kept, each as their mean magnitude with its own sign. Exactly k are: entries that
/// equal the smallest kept magnitude are taken from the first on. What travels is the mean, the positions as in `sbc`, and a bit an
/// entry for its sign. Running statistics and what the specification exempts travel as float32. `protocols/codecs/stc.md` defines
/// the bytes.
public struct SparseTernaryCodec: GradientCodec {
    private let options: SparseOptions
    private let format: SparseFormat

    /// The codec of a specification, with the density 0.01 unless it says otherwise; throws `CodecError.invalidOption`.
    public init(_ spec: CodecSpec) throws(CodecError) {
        options = try SparseOptions(spec)
        format = SparseFormat(wireNumber: 8, scales: .unsigned, values: .signs)
    }

    public var id: CodecID { CodecID("stc") }

    public var wireNumber: UInt8 { 8 }

    public func encode(_ update: ParameterVector, generator: SeededGenerator) throws(CodecError) -> [UInt8] {
        let plan = SparsePlan(update.layout, options)
        let selections = try plan.selections(update) { (values, kept) throws(CodecError) in
            try Selection.ofMagnitudes(values, kept: kept)
        }
        return try SparseWriter.payload(format, plan, of: update, selections, scales: plan.means(selections))
    }

    public func makeReader(layout: ModelLayout) -> any PayloadReader {
        SparseReader(format, SparsePlan(layout, options))
    }

    public func minimumEncodedCount(layout: ModelLayout) -> Int { format.minimumCount(SparsePlan(layout, options)) }

    public func maximumEncodedCount(layout: ModelLayout) -> Int { format.maximumCount(SparsePlan(layout, options)) }
}
