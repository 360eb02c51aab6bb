// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
internal import Foundation

/// A temporary file of updates, one row of float32 each, that is read by blocks of neighbouring entries.
///
/// It has no name and is gone when the spool is. Memory is that of one block, whatever the number of rows.
public final class UpdateSpool: Sendable {
    /// Bytes of a block, unless so many rows are read that 256 entries of each take more.
    public static let blockBytes = 64 << 20

    /// How many entries a row has.
    public let parameterCount: Int
    private let descriptor: Int32
    private let path: String
    private let blockBytes: Int

    /// A spool for rows of `parameterCount` entries on the file system of `folder`, which is made if it is missing.
    ///
    /// Throws `StoreError`.
    public init(parameterCount: Int, folder: String, blockBytes: Int = blockBytes) throws(StoreError) {
        try DurableFiles.makeDirectory(folder)
        // Should this process be killed before the name is gone, `RunStore.removeLeftovers` removes it.
        path = "\(folder)/updates.\(UUID().uuidString)\(DurableFiles.temporarySuffix)"
        descriptor = try DurableFiles.open(path, O_RDWR | O_CREAT | O_EXCL)
        unlink(path)
        self.parameterCount = parameterCount
        self.blockBytes = blockBytes
    }

    deinit { Glibc.close(descriptor) }

    /// Writes a row, whole; rows may be written at the same time. Throws `StoreError`.
    public func write(_ values: [Float], row: Int) throws(StoreError) {
        precondition(values.count == parameterCount, "a row has as many entries as the model")
        let failure = values.withUnsafeBytes {
            DurableFiles.writeAll(descriptor, $0, at: row * parameterCount * MemoryLayout<Float>.stride)
        }
        guard failure == 0 else { throw .system(failure, path) }
    }

    /// A row that was written. Throws `StoreError`.
    public func read(row: Int) throws(StoreError) -> [Float] {
        var values = [Float](repeating: 0, count: parameterCount)
        let offset = row * parameterCount * MemoryLayout<Float>.stride
        var failure: StoreError?
        values.withUnsafeMutableBytes { bytes in
            do throws(StoreError) {
                let isWhole = try DurableFiles.readAll(descriptor, bytes, at: offset, path: path)
                precondition(isWhole, "only rows that were written are read")
            } catch { failure = error }
        }
        if let failure { throw failure }
        return values
    }

    /// The given rows, all of which were written, in this order; each counts as much as its weight says.
    public func blocks(of rows: [(row: Int, weight: Int64)]) -> some UpdateBlocks { Blocks(spool: self, rows: rows) }

    private struct Blocks: UpdateBlocks {
        let spool: UpdateSpool
        let rows: [(row: Int, weight: Int64)]
        var weights: [Int64] { rows.map(\.weight) }
        var parameterCount: Int { spool.parameterCount }

        func forEachBlock(
            _ body: (_ entries: Range<Int>, _ values: UnsafeMutableBufferPointer<Float>) -> Void
        ) throws {
            guard !rows.isEmpty, parameterCount > 0 else { return }
            let granularity = UpdateBlockSize.granularity
            let stretches = spool.blockBytes / (rows.count * granularity * MemoryLayout<Float>.stride)
            let width = min(parameterCount, max(1, stretches) * granularity)
            var block = [Float](repeating: 0, count: rows.count * width)
            for start in stride(from: 0, to: parameterCount, by: width) {
                let entries = start..<min(start + width, parameterCount)
                var failure: StoreError?
                block.withUnsafeMutableBufferPointer { block in
                    do throws(StoreError) { try read(entries, into: block) } catch { return failure = error }
                    body(entries, UnsafeMutableBufferPointer(rebasing: block[..<(rows.count * entries.count)]))
                }
                if let failure { throw failure }
            }
        }

        private func read(_ entries: Range<Int>, into block: UnsafeMutableBufferPointer<Float>) throws(StoreError) {
            for (place, row) in rows.enumerated() {
                let target = block[(place * entries.count)..<((place + 1) * entries.count)]
                let offset = (row.row * parameterCount + entries.lowerBound) * MemoryLayout<Float>.stride
                guard
                    try DurableFiles.readAll(
                        spool.descriptor, UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: target)),
                        at: offset, path: spool.path)
                else { preconditionFailure("only rows that were written are read") }
            }
        }
    }
}
