// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation
internal import GRDB

/// The SQLite file: opening it, and its errors in this module's words.
struct StateDatabase: Sendable {
    let path: String
    private let connection: DatabaseQueue
    private let queue = BlockingQueue(label: "fedcoord.state")

    /// Opens or makes the database and brings its schema up to date; blocks on the disk.
    init(path: String) throws(StoreError) {
        self.path = path
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(5)
        // One fsync a transaction: a power failure loses nothing that was committed. (WAL alone would allow NORMAL.)
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        let settings = configuration
        connection = try Self.translating(path) {
            let isNew = !FileManager.default.fileExists(atPath: path)
            let connection = try DatabaseQueue(path: path, configuration: settings)
            let migrator = StoreMigrations.migrator
            if try connection.read(migrator.hasBeenSuperseded) {
                throw StoreError(.newerSchema, "\(path) was written by a newer version of this program: update it")
            }
            try CrashPoints.around(.commit, "schema") { () throws in try migrator.migrate(connection) }
            if isNew {
                chmod(path, 0o600)
                let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
                try DurableFiles.synchronizeDirectory(directory.isEmpty ? "/" : directory)
            }
            return connection
        }
    }

    /// Runs one transaction off the cooperative pool; it is durable on return, or undone. `what` names it for `CrashPoints`.
    func write<Value: Sendable>(
        _ what: String, _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        try await queue.run { () throws(StoreError) in
            try Self.translating(path) {
                try CrashPoints.aroundCommit(what) { beforeCommit in
                    try connection.write { db in
                        let value = try body(db)
                        beforeCommit()
                        return value
                    }
                }
            }
        }
    }

    /// Reads off the cooperative pool.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws(StoreError) -> Value
    {
        try await queue.run { () throws(StoreError) in
            try Self.translating(path) { try connection.read(body) }
        }
    }

    private static func translating<Value>(_ path: String, _ body: () throws -> Value) throws(StoreError) -> Value {
        do {
            return try body()
        } catch let error as StoreError {
            throw error
        } catch let error as DatabaseError {
            throw translate(error, path)
        } catch {
            throw StoreError(.corrupt, "\(path) holds a row that cannot be read: restore it from a copy")
        }
    }

    private static func translate(_ error: DatabaseError, _ path: String) -> StoreError {
        let cause = "SQLite \(error.extendedResultCode.rawValue): \(error.message ?? "no message")"
        switch error.resultCode {
        case .SQLITE_FULL:
            return StoreError(.diskFull, "no space is left for \(path): free some", cause: cause)
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            return StoreError(.unwritable, "\(path) cannot be used: check its owner and permissions", cause: cause)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return StoreError(
                .locked, "\(path) is in use by another program: stop that program and try again", cause: cause)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return StoreError(.corrupt, "\(path) is damaged: restore it from a copy", cause: cause)
        // All that SQLite says of a quota that is used up is that it could not write.
        case .SQLITE_IOERR where !DurableFiles.hasRoom(beside: path):
            return StoreError(.diskFull, "no space is left for \(path): free some", cause: cause)
        default:
            return StoreError(.failed, "\(path) could not be used: check the disk", cause: cause)
        }
    }
}
