// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CZlib
package import FedCore
package import Foundation

/// A finished update that the coordinator has not acknowledged yet, kept in a file so that a killed worker loses nothing.
///
/// Of a run without memory the file is not forced to the disk: should the machine itself go down, the checksum tells a torn
/// file, and the coordinator asks for the same training with the same seed again.
package struct PendingUpdate: Sendable {
    /// Everything but the payload, as it is written to the file's first line.
    package struct Header: Codable, Sendable {
        var run: RunID
        /// A run of the same name may be another one; nil in files of older versions.
        var identity: RunIdentity?
        var round: RoundID
        var baseVersion: ModelVersion
        var scope: UpdateScope
        var codec: CodecID
        var exampleCount: Int
        var metrics: TrainingMetrics
        var payloadCount: Int
        var payloadCRC32: UInt
        var generation: Int?
        var statistics: WorkerStatistics?
    }

    /// The update.
    package let update: ClientUpdate
    /// Of a run with memory, the generation of the memory that the update leads to; see `RunFolder`.
    package let generation: Int?

    /// Keeps an update.
    package init(_ update: ClientUpdate, generation: Int? = nil) {
        self.update = update
        self.generation = generation
    }

    /// Writes the update, which is one of `run`, to `directory`, replacing the one before it, whole or not at all;
    /// durably if it names a generation.
    ///
    /// Throws `WorkerError.state` with a sentence when it cannot.
    package func save(in directory: URL, of run: RunIdentity) throws(WorkerError) {
        precondition(run.run == update.run, "an update is kept with its run")
        let header = try encodedHeader(of: run)
        try StateFile.replace(Self.file(in: directory), isDurable: generation != nil) { (file) throws(WorkerError) in
            try file.write(header)
            try file.write(update.payload)
        }
    }

    private func encodedHeader(of run: RunIdentity) throws(WorkerError) -> [UInt8] {
        let header = Header(
            run: run.run, identity: run, round: update.round, baseVersion: update.baseVersion, scope: update.scope,
            codec: update.codec, exampleCount: update.exampleCount, metrics: update.metrics,
            payloadCount: update.payload.count, payloadCRC32: Self.checksum(update.payload),
            generation: generation, statistics: update.statistics)
        // A training that diverged reports metrics that are no numbers; JSON has none of those.
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do {
            return [UInt8](try encoder.encode(header)) + [UInt8(ascii: "\n")]
        } catch {
            throw WorkerError(.state, "the update of round \(update.round) cannot be put into a file: \(error)")
        }
    }

    private static func checksum(_ payload: [UInt8]) -> UInt {
        payload.withUnsafeBufferPointer { crc32_z(0, $0.baseAddress, $0.count) }
    }

    /// The update of `run` kept in `directory` for `worker`, or nil if there is none, or it is damaged or that of
    /// another run.
    package static func load(from directory: URL, worker: WorkerID, of run: RunIdentity) -> PendingUpdate? {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard let bytes = try? Data(contentsOf: file(in: directory)),
            let lineEnd = bytes.firstIndex(of: UInt8(ascii: "\n")),
            let header = try? decoder.decode(Header.self, from: bytes[..<lineEnd]),
            header.run == run.run, header.identity == nil || header.identity == run,
            header.payloadCount == bytes.count - lineEnd - 1
        else { return nil }
        let payload = [UInt8](bytes[(lineEnd + 1)...])
        guard checksum(payload) == header.payloadCRC32 else { return nil }
        return PendingUpdate(
            ClientUpdate(
                worker: worker, run: run.run, round: header.round, baseVersion: header.baseVersion,
                scope: header.scope, codec: header.codec, payload: payload,
                exampleCount: header.exampleCount, metrics: header.metrics, statistics: header.statistics),
            generation: header.generation)
    }

    /// Forgets the kept update: it was acknowledged, or it came too late.
    package static func remove(from directory: URL) {
        try? FileManager.default.removeItem(at: file(in: directory))
    }

    private static func file(in directory: URL) -> URL {
        directory.appendingPathComponent("pending-update")
    }
}
