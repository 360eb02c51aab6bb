// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// One magnitude and one sign for a share of the entries, 0 for all others: sparse binary compression (Sattler, Wiedemann, Müller
/// and Samek 2018, algorithm 2, arXiv:1805.08768).
///
/// Of a unit's k largest entries and its k smallest, those with the larger mean magnitude are kept and all become their mean, of
/// equal means the largest entries. What travels is the mean, and the positions in Golomb's code with the best parameter or an
/// entropy code: about 8.1 bits a kept entry at density 0.01. What is left out is for the worker's error feedback to keep. Running
/// statistics and what the specification exempts travel as float32. `protocols/codecs/sbc.md` defines the bytes.
public struct SparseBinaryCodec: GradientCodec {
    private let options: SparseOptions
    private let format: SparseFormat

    /// The codec of a specification, with the density 0.01 unless it says otherwise; throws `CodecError.invalidOption`.
    public init(_ spec: CodecSpec) throws(CodecError) {
        options = try SparseOptions(spec)
        format = SparseFormat(wireNumber: 7, scales: .signed)
    }

    public var id: CodecID { CodecID("sbc") }

    public var wireNumber: UInt8 { 7 }

    public func encode(_ update: ParameterVector, generator: SeededGenerator) throws(CodecError) -> [UInt8] {
        let plan = SparsePlan(update.layout, options)
        let selections = try plan.selections(update) { (values, kept) throws(CodecError) in
            try Selection.ofHeavierTail(values, kept: kept)
        }
        return try SparseWriter.payload(format, plan, of: update, selections, scales: plan.means(selections))
    }

    public func makeReader(layout: ModelLayout) -> any PayloadReader {
        SparseReader(format, SparsePlan(layout, options))
    }

    public func minimumEncodedCount(layout: ModelLayout) -> Int { format.minimumCount(SparsePlan(layout, options)) }

    public func maximumEncodedCount(layout: ModelLayout) -> Int { format.maximumCount(SparsePlan(layout, options)) }
}
