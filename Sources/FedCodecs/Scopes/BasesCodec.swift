// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// The changes of some base networks of a model of several, one payload of another codec after the other.
///
/// A base is encoded as if it were the whole model: its selection, scales and positions are its own. Vectors are those of the whole
/// model; what belongs to other bases is not looked at when a payload is made, and not mentioned by what is read.
public struct BasesCodec: GradientCodec {
    private let codec: any GradientCodec
    /// Which bases travel, ascending.
    private let chosen: [Int]
    /// How many bases the model has.
    private let bases: Int

    /// Bases `chosen`, ascending, of a model of `bases`, each encoded by `codec`.
    public init(_ codec: any GradientCodec, chosen: [Int], of bases: Int) {
        precondition(UpdateScope.bases(chosen).isValid(bases: bases), "the model has the bases that are chosen")
        self.codec = codec
        self.chosen = chosen
        self.bases = bases
    }

    public var id: CodecID { codec.id }
    public var wireNumber: UInt8 { codec.wireNumber }

    public func encode(_ update: ParameterVector, generator: SeededGenerator) throws(CodecError) -> [UInt8] {
        let layout = update.layout.base(of: bases)
        var payload: [UInt8] = []
        for base in chosen {
            let values = Array(update.values[base * layout.count..<(base + 1) * layout.count])
            guard let part = try? ParameterVector(layout: layout, values: values) else {
                preconditionFailure("a base has as many values as its layout counts")
            }
            payload += try codec.encode(part, generator: generator.stream("base", UInt64(base)))
        }
        return payload
    }

    public func makeReader(layout: ModelLayout) -> any PayloadReader {
        BasesReader(codec: codec, chosen: chosen, layout: layout.base(of: bases))
    }

    public func minimumEncodedCount(layout: ModelLayout) -> Int {
        chosen.count * codec.minimumEncodedCount(layout: layout.base(of: bases))
    }

    public func maximumEncodedCount(layout: ModelLayout) -> Int {
        chosen.count * codec.maximumEncodedCount(layout: layout.base(of: bases))
    }
}

/// Reads the payloads of bases one after the other.
private struct BasesReader: PayloadReader {
    private let codec: any GradientCodec
    private let layout: ModelLayout
    /// The bases of which nothing has been read yet, behind the one that is.
    private var rest: ArraySlice<Int>
    private var base: Int
    private var reader: any PayloadReader

    init(codec: any GradientCodec, chosen: [Int], layout: ModelLayout) {
        self.codec = codec
        self.layout = layout
        base = chosen[0]
        rest = chosen.dropFirst()
        reader = codec.makeReader(layout: layout)
        skipEnded()
    }

    var nextPartCount: Int { reader.nextPartCount }

    mutating func read(_ part: UnsafeRawBufferPointer, _ emit: UpdatePieceHandler) throws(CodecError) {
        let start = base * layout.count
        try reader.read(part) { (piece) throws(CodecError) in try emit(piece.shifted(by: start)) }
        skipEnded()
    }

    private mutating func skipEnded() {
        while reader.nextPartCount == 0, let next = rest.popFirst() {
            base = next
            reader = codec.makeReader(layout: layout)
        }
    }
}
