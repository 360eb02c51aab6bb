// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// Reads records out of an open journal file; trusts nothing in it.
struct JournalReader: Sendable {
    /// What lies at a position.
    enum Outcome {
        /// A whole record, and where the next one starts.
        case record(ClientUpdate, next: Int)
        /// Nothing: the file ends here.
        case end
        /// Bytes that are no intact record.
        case broken
    }

    let descriptor: Int32
    let path: String
    let run: RunID
    let round: RoundID
    let salt: [UInt8]

    /// The record at `offset` of a file of `end` bytes.
    ///
    /// Throws `StoreError.limitExceeded`, `.corrupt` for an intact record of another run or a later round, or a read error.
    func record(at offset: Int, end: Int, limits: JournalLimits) throws(StoreError) -> Outcome {
        guard offset < end else { return .end }
        guard end - offset >= JournalFormat.prefixBytes,
            let bytes = try DurableFiles.read(descriptor, at: offset, count: JournalFormat.prefixBytes, path: path),
            let prefix = JournalFormat.decodePrefix(bytes[...], salt: salt), prefix.recordBytes <= end - offset
        else { return .broken }
        guard prefix.headerBytes <= limits.maximumHeaderBytes, prefix.payloadBytes <= limits.maximumPayloadBytes else {
            throw StoreError(
                .limitExceeded, "\(path) holds an update of \(prefix.payloadBytes) bytes: too large to read")
        }
        let headerStart = offset + JournalFormat.prefixBytes
        let payloadStart = headerStart + prefix.headerBytes
        guard
            let header = try DurableFiles.read(descriptor, at: headerStart, count: prefix.headerBytes, path: path),
            let payload = try DurableFiles.read(descriptor, at: payloadStart, count: prefix.payloadBytes, path: path),
            let checksum = try DurableFiles.read(
                descriptor, at: payloadStart + prefix.payloadBytes, count: JournalFormat.checksumBytes, path: path),
            checksum == JournalFormat.checksum(header: header, payload: payload)
        else { return .broken }
        let decoded = try StoreJSON.decode(JournalFormat.Header.self, from: header, what: path)
        guard decoded.run == run, decoded.round <= round else {
            throw StoreError(.corrupt, "\(path) holds an update of another round: restore the file from a copy")
        }
        return .record(decoded.update(payload: payload), next: offset + prefix.recordBytes)
    }

    /// Whether any record after the broken place at `offset` vouches for it: then acknowledged bytes are damaged.
    func wasAcknowledged(_ offset: Int, end: Int) throws(StoreError) -> Bool {
        let window = 1 << 16
        var start = offset + 1
        while start + JournalFormat.prefixBytes <= end {
            let count = min(window, end - start)
            guard let bytes = try DurableFiles.read(descriptor, at: start, count: count, path: path) else {
                return false
            }
            let last = count - JournalFormat.prefixBytes
            for index in 0...last where bytes[index] == JournalFormat.recordMagic[0] {
                let slice = bytes[index..<index + JournalFormat.prefixBytes]
                if let prefix = JournalFormat.decodePrefix(slice, salt: salt), prefix.durableBytes > offset {
                    return true
                }
            }
            start += last + 1
        }
        return false
    }
}
