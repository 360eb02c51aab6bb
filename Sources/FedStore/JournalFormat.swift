// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CZlib
internal import Crypto
internal import FedCore

/// The bytes of a journal.
///
/// A file starts with 16 bytes: `FEDJRNL1` and 8 random bytes, the salt. Records follow, all numbers little-endian:
///
/// ```
///  0   4  `FJR1`
///  4   4  length H of the header
///  8   8  length P of the payload
/// 16   8  length of the file that was durable when the record was written
/// 24   8  check: the first bytes of SHA-256(salt, bytes 0..<24)
/// 32   H  header: JSON, the update without its payload
///      P  payload
///      4  CRC-32 of header and payload
/// ```
///
/// The durable length tells a torn tail (bytes never acknowledged, cut off) from damage to acknowledged records (an
/// error): a record that is intact vouches for everything before its durable length. The salt keeps payloads from
/// posing as records. A CRC is enough against torn writes and bad disks, and takes an eighth of
/// the time of SHA-256 where the processor has no instructions for the latter.
enum JournalFormat {
    static let fileMagic = Array("FEDJRNL1".utf8)
    static let fileHeaderBytes = 16
    static let saltBytes = 8
    static let recordMagic = Array("FJR1".utf8)
    static let prefixBytes = 32
    static let checksumBytes = 4

    /// The first 32 bytes of a record.
    struct Prefix: Equatable {
        var headerBytes: Int
        var payloadBytes: Int
        var durableBytes: Int

        /// Everything the record takes.
        var recordBytes: Int { prefixBytes + headerBytes + payloadBytes + checksumBytes }
    }

    /// What an update's record says besides the payload.
    struct Header: Codable {
        var worker: WorkerID
        var run: RunID
        var round: RoundID
        var baseVersion: ModelVersion
        var scope: UpdateScope
        var codec: CodecID
        var exampleCount: Int
        var metrics: TrainingMetrics
        var statistics: WorkerStatistics?

        init(_ update: ClientUpdate) {
            worker = update.worker
            run = update.run
            round = update.round
            baseVersion = update.baseVersion
            scope = update.scope
            codec = update.codec
            exampleCount = update.exampleCount
            metrics = update.metrics
            statistics = update.statistics
        }

        func update(payload: [UInt8]) -> ClientUpdate {
            ClientUpdate(
                worker: worker, run: run, round: round, baseVersion: baseVersion, scope: scope, codec: codec,
                payload: payload, exampleCount: exampleCount, metrics: metrics, statistics: statistics)
        }
    }

    static func encode(_ prefix: Prefix, salt: [UInt8]) -> [UInt8] {
        var bytes = recordMagic
        append(UInt64(prefix.headerBytes), count: 4, to: &bytes)
        append(UInt64(prefix.payloadBytes), count: 8, to: &bytes)
        append(UInt64(prefix.durableBytes), count: 8, to: &bytes)
        return bytes + check(bytes[...], salt: salt)
    }

    /// Nil unless the magic and the check are right and the lengths are small enough to add up.
    static func decodePrefix(_ bytes: ArraySlice<UInt8>, salt: [UInt8]) -> Prefix? {
        guard bytes.count == prefixBytes, bytes.prefix(4).elementsEqual(recordMagic),
            check(bytes.prefix(24), salt: salt).elementsEqual(bytes.suffix(8))
        else { return nil }
        let header = number(bytes.dropFirst(4).prefix(4))
        let payload = number(bytes.dropFirst(8).prefix(8))
        let durable = number(bytes.dropFirst(16).prefix(8))
        guard payload < 1 << 48, durable < 1 << 62 else { return nil }
        return Prefix(headerBytes: Int(header), payloadBytes: Int(payload), durableBytes: Int(durable))
    }

    static func checksum(header: [UInt8], payload: [UInt8]) -> [UInt8] {
        var value: UInt = 0
        for bytes in [header, payload] where !bytes.isEmpty {
            value = bytes.withUnsafeBufferPointer { crc32_z(value, $0.baseAddress, $0.count) }
        }
        var result: [UInt8] = []
        append(UInt64(value), count: 4, to: &result)
        return result
    }

    private static func check(_ bytes: ArraySlice<UInt8>, salt: [UInt8]) -> ArraySlice<UInt8> {
        Array(SHA256.hash(data: salt + bytes)).prefix(8)
    }

    private static func append(_ value: UInt64, count: Int, to bytes: inout [UInt8]) {
        for shift in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(shift)))) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
