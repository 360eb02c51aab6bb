// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Writes sparse payloads, all codecs alike: the header, what names random positions, scales, exact tensors, blocks.
struct SparseWriter {
    private let format: SparseFormat
    private let plan: SparsePlan
    private var payload: [UInt8] = []

    /// A writer of one payload.
    init(_ format: SparseFormat, _ plan: SparsePlan) {
        self.format = format
        self.plan = plan
    }

    /// The payload for an update of which `selections`, one for each unit, are kept.
    ///
    /// `scales` are those of the units, if the format has any, and `seed` names drawn positions. Throws
    /// `CodecError.nonFiniteValue` for an exact value that is no number, and `.valueOutOfRange` for one beyond binary16.
    static func payload(
        _ format: SparseFormat, _ plan: SparsePlan, of update: ParameterVector, _ selections: [Selection],
        scales: [Float] = [], seed: UInt64 = 0
    ) throws(CodecError) -> [UInt8] {
        var writer = SparseWriter(format, plan)
        try writer.writeFixed(update, scales: scales, seed: seed)
        try writer.writeBlocks(selections)
        return writer.payload
    }

    private mutating func writeFixed(
        _ update: ParameterVector, scales: [Float], seed: UInt64
    ) throws(CodecError) {
        PayloadHeader.append(to: &payload, wireNumber: format.wireNumber, version: SparseFormat.version)
        if format.positions == .drawn {
            for byte in 0..<SparseFormat.seedCount { payload.append(UInt8(truncatingIfNeeded: seed >> (8 * byte))) }
        }
        if format.scales != .none { scales.withUnsafeBufferPointer { LittleEndianFloats.append($0, to: &payload) } }
        for tensor in plan.sections.exact {
            let values = Array(update.values[tensor])
            try FiniteCheck.check(values)
            values.withUnsafeBufferPointer { LittleEndianFloats.append($0, to: &payload) }
        }
    }

    private mutating func writeBlocks(_ selections: [Selection]) throws(CodecError) {
        let (gaps, values) = inLayoutOrder(selections)
        for start in stride(from: 0, to: gaps.count, by: GapBlock.capacity) {
            let block = start..<min(start + GapBlock.capacity, gaps.count)
            if format.positions == .listed {
                gaps.withUnsafeBufferPointer {
                    GapBlock.append(UnsafeBufferPointer(rebasing: $0[block]), entropy: plan.entropy, to: &payload)
                }
            }
            try writeValues(Array(values[block]))
        }
    }

    /// The gaps and the values of all kept entries.
    private func inLayoutOrder(_ selections: [Selection]) -> (gaps: [UInt32], values: [Float]) {
        var gaps: [UInt32] = []
        var values: [Float] = []
        gaps.reserveCapacity(plan.kept)
        values.reserveCapacity(plan.kept)
        var next = 0
        plan.forEachTensor(positions: selections.map(\.positions)) { start, unit, slice, offset in
            let shift = start - offset
            for position in selections[unit].positions[slice] {
                let place = Int(position) + shift
                gaps.append(UInt32(place - next))
                next = place + 1
            }
            values.append(contentsOf: selections[unit].values[slice])
        }
        return (gaps, values)
    }

    private mutating func writeValues(_ values: [Float]) throws(CodecError) {
        switch format.values {
        case .none: break
        case .signs:
            for start in stride(from: 0, to: values.count, by: 8) {
                var byte: UInt8 = 0
                for index in start..<min(start + 8, values.count) where values[index] < 0 {
                    byte |= 1 << UInt8(index - start)
                }
                payload.append(byte)
            }
        case .float32: values.withUnsafeBufferPointer { LittleEndianFloats.append($0, to: &payload) }
        case .float16:
            guard values.allSatisfy({ abs($0) < DenseFormat.float16.bound }) else {
                throw CodecError(.valueOutOfRange, "the update holds a value beyond ±65504: set values to float32")
            }
            let halves = [UInt16](unsafeUninitializedCapacity: values.count) { halves, initialized in
                fed_half_encode(halves.baseAddress, values, values.count)
                initialized = values.count
            }
            for half in halves {
                payload.append(UInt8(truncatingIfNeeded: half))
                payload.append(UInt8(half >> 8))
            }
        }
    }
}
