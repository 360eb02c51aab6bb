// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import GRDB

/// The database's schema, as the steps that lead to it.
///
/// Steps are only ever appended, and are plain SQL, so that a database of any age opens. Times are seconds since 1970,
/// seeds 64 bits as a signed number, plans and records JSON.
enum StoreMigrations {
    /// All steps, oldest first.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { try $0.execute(sql: version1) }
        migrator.registerMigration("2 hashes") { try $0.execute(sql: "ALTER TABLE rounds ADD COLUMN hash TEXT") }
        migrator.registerMigration("3 quarantine") { try $0.execute(sql: quarantine) }
        return migrator
    }

    private static let quarantine = """
        CREATE TABLE quarantine (
            worker TEXT PRIMARY KEY NOT NULL,
            since REAL NOT NULL,
            reason TEXT NOT NULL
        );
        """

    private static let version1 = """
        CREATE TABLE runs (
            id TEXT PRIMARY KEY NOT NULL,
            name TEXT NOT NULL,
            seed INTEGER NOT NULL,
            state TEXT NOT NULL,
            configuration TEXT NOT NULL,
            created REAL NOT NULL,
            started REAL,
            ended REAL,
            failure TEXT,
            modelSHA256 TEXT
        );
        CREATE TABLE rounds (
            run TEXT NOT NULL REFERENCES runs(id),
            round INTEGER NOT NULL,
            state TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            plan TEXT NOT NULL,
            record TEXT,
            reason TEXT,
            begun REAL NOT NULL,
            closed REAL,
            PRIMARY KEY (run, round)
        );
        CREATE UNIQUE INDEX oneOpenRound ON rounds(run) WHERE state = 'planned';
        CREATE TABLE workers (
            name TEXT PRIMARY KEY NOT NULL,
            firstSeen REAL NOT NULL,
            lastSeen REAL NOT NULL,
            address TEXT NOT NULL,
            agent TEXT NOT NULL
        );
        """
}
