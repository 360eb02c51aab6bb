// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// A share of the entries as they are, those of largest magnitude, and 0 for all others (Aji and Heafield, EMNLP 2017,
/// arXiv:1704.05021).
///
/// Of a unit's entries exactly k are kept, of equal magnitudes the first. What travels are positions as in `sbc` and values as
/// float32, or as binary16 where the specification says so. Running statistics and what the specification exempts travel as float32.
/// `protocols/codecs/top-k.md` defines the bytes.
public struct TopKCodec: GradientCodec {
    private let options: SparseOptions
    private let format: SparseFormat

    /// The codec of a specification, with the density 0.01 unless it says otherwise; throws `CodecError.invalidOption`.
    public init(_ spec: CodecSpec) throws(CodecError) {
        options = try SparseOptions(spec)
        format = SparseFormat(wireNumber: 9, values: options.values)
    }

    public var id: CodecID { CodecID("top-k") }

    public var wireNumber: UInt8 { 9 }

    public func encode(_ update: ParameterVector, generator: SeededGenerator) throws(CodecError) -> [UInt8] {
        let plan = SparsePlan(update.layout, options)
        let selections = try plan.selections(update) { (values, kept) throws(CodecError) in
            try Selection.ofMagnitudes(values, kept: kept)
        }
        return try SparseWriter.payload(format, plan, of: update, selections)
    }

    public func makeReader(layout: ModelLayout) -> any PayloadReader {
        SparseReader(format, SparsePlan(layout, options))
    }

    public func minimumEncodedCount(layout: ModelLayout) -> Int { format.minimumCount(SparsePlan(layout, options)) }

    public func maximumEncodedCount(layout: ModelLayout) -> Int { format.maximumCount(SparsePlan(layout, options)) }
}
