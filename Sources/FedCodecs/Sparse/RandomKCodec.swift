// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// A share of the entries as they are, drawn at random, and 0 for all others (Konečný et al. 2016, section 2, random mask,
/// arXiv:1610.05492).
///
/// Both sides draw the same positions, uniformly without replacement, from 8 bytes of the payload: positions cost nothing. Values
/// are not scaled up by m/k: with error feedback, what is left out comes later. They travel as float32, or as binary16 where the
/// specification says so, running statistics and what the specification exempts as float32. `protocols/codecs/random-k.md` defines
/// the bytes and the draws.
public struct RandomKCodec: GradientCodec {
    private let options: SparseOptions
    private let format: SparseFormat

    /// The codec of a specification, with the density 0.01 unless it says otherwise; throws `CodecError.invalidOption`.
    public init(_ spec: CodecSpec) throws(CodecError) {
        options = try SparseOptions(spec)
        format = SparseFormat(wireNumber: 10, positions: .drawn, values: options.values)
    }

    public var id: CodecID { CodecID("random-k") }

    public var wireNumber: UInt8 { 10 }

    public func encode(_ update: ParameterVector, generator: SeededGenerator) throws(CodecError) -> [UInt8] {
        try FiniteCheck.check(update.values)
        var generator = generator.stream("random-k")
        let seed = generator.next()
        let plan = SparsePlan(update.layout, options)
        let drawn = RandomPositions.ofUnits(plan, seed: seed)
        var rest = drawn[...]
        let selections = try plan.selections(update) { (values, _) throws(CodecError) in
            let positions = rest.removeFirst()
            return Selection(positions: positions, values: positions.map { values[Int($0)] }, sum: 0)
        }
        return try SparseWriter.payload(format, plan, of: update, selections, seed: seed)
    }

    public func makeReader(layout: ModelLayout) -> any PayloadReader {
        SparseReader(format, SparsePlan(layout, options))
    }

    public func minimumEncodedCount(layout: ModelLayout) -> Int { format.minimumCount(SparsePlan(layout, options)) }

    public func maximumEncodedCount(layout: ModelLayout) -> Int { format.maximumCount(SparsePlan(layout, options)) }
}
