// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
internal import Foundation
internal import Synchronization

/// The workers that are let in no more: a text file, one entry a line.
///
/// An entry is a worker's name (all its certificates) or `serial:<hexadecimal>` (one certificate); what follows `#` is
/// for people, and so are empty lines. The file is read again whenever it changes, so that a running coordinator
/// obeys; and when it is missing, unreadable or damaged, nobody passes.
public final class RevocationList: Sendable {
    /// The file's longest size in bytes.
    public static let maximumSize = 16 << 20

    /// What tells one state of the file from another.
    private struct Stamp: Equatable {
        var device: UInt64
        var inode: UInt64
        var size: Int64
        var seconds: Int
        var nanoseconds: Int
    }

    private struct Entries {
        var workers: Set<WorkerID> = []
        var serials: Set<CertificateSerial> = []
    }

    private struct Cache {
        var stamp: Stamp?
        var entries = Entries()
    }

    private let file: String
    private let cache = Mutex(Cache())

    /// The list in a file, which must exist when it is first asked.
    public init(file: String) { self.file = file }

    /// Makes an empty list with a line that explains it.
    static func create(file: String) throws(IdentityError) {
        let text = "# One entry a line: a worker's name, or serial:<hexadecimal>. What follows a # is a comment.\n"
        try PrivateFiles.write(Array(text.utf8), to: file)
    }

    /// Throws `IdentityError.revoked` when the worker or this certificate of it is on the list, and
    /// `.unusableRevocationList` when the list cannot be used.
    public func check(_ identity: PeerIdentity) throws(IdentityError) {
        guard try contains(identity) else { return }
        throw IdentityError(.revoked, "\(identity.worker) has been revoked: ask the federation's operator")
    }

    /// Whether the worker, or this certificate of it, is on the list.
    ///
    /// Throws `IdentityError.unusableRevocationList`, naming the damaged line if that is why; whoever gets it must refuse.
    public func contains(_ identity: PeerIdentity) throws(IdentityError) -> Bool {
        let entries = try current()
        return entries.workers.contains(identity.worker) || entries.serials.contains(identity.serial)
    }

    /// Whether the worker is on the list by name; throws as `contains(_:)` for identities does.
    public func contains(_ worker: WorkerID) throws(IdentityError) -> Bool {
        try current().workers.contains(worker)
    }

    /// Adds a worker, with a reason for people to read; durable on return.
    ///
    /// Throws `IdentityError.unusableRevocationList` rather than add to a list that is missing or damaged.
    public func revoke(_ worker: WorkerID, reason: String = "") throws(IdentityError) {
        try add(worker.rawValue, reason: reason)
    }

    /// Adds one certificate, with a reason for people to read; durable on return.
    public func revoke(_ serial: CertificateSerial, reason: String = "") throws(IdentityError) {
        try add("serial:\(serial)", reason: reason)
    }

    private func add(_ entry: String, reason: String) throws(IdentityError) {
        _ = try current()
        let comment = String(
            reason.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
        try PrivateFiles.append(line: comment.isEmpty ? entry : "\(entry)  # \(comment.prefix(500))", to: file)
    }

    private func current() throws(IdentityError) -> Entries {
        let result = cache.withLock { cache -> Result<Entries, IdentityError> in
            do throws(IdentityError) {
                let stamp = try stamp()
                if cache.stamp != stamp {
                    cache.stamp = nil
                    cache.entries = try parse()
                    // A file that changes while it is read is read again next time.
                    cache.stamp = try self.stamp() == stamp ? stamp : nil
                }
                return .success(cache.entries)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func stamp() throws(IdentityError) -> Stamp {
        var status = stat()
        guard stat(file, &status) == 0 else {
            let reason = String(cString: strerror(errno))
            throw IdentityError(
                .unusableRevocationList,
                "the list of revoked workers \(file) cannot be read, so nobody is let in: restore it, or make an empty "
                    + "file if nobody was revoked", cause: reason)
        }
        return Stamp(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
            seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
    }

    private func parse() throws(IdentityError) -> Entries {
        let text: String
        do {
            text = try PrivateFiles.readText(file, limit: Self.maximumSize)
        } catch {
            throw IdentityError(
                .unusableRevocationList,
                "the list of revoked workers \(file) cannot be read, so nobody is let in: restore it",
                cause: error.description)
        }
        var entries = Entries()
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        for (index, line) in lines.enumerated() {
            let entry = line.prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces)
            if entry.isEmpty { continue }
            if entry.hasPrefix("serial:"), let serial = try? CertificateSerial(hexadecimal: String(entry.dropFirst(7)))
            {
                entries.serials.insert(serial)
            } else if let worker = try? WorkerID(entry) {
                entries.workers.insert(worker)
            } else {
                throw IdentityError(
                    .unusableRevocationList,
                    "line \(index + 1) of \(file) is neither a worker's name nor serial:<hexadecimal>, so nobody is let "
                        + "in: correct the line")
            }
        }
        return entries
    }
}
