// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import Foundation
internal import GRDB

/// Rows of the database as values, and back; nothing read from a row is trusted.
enum StateRows {
    // MARK: Runs

    static func run(_ id: RunID, in db: Database) throws -> StoredRun? {
        try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM runs WHERE id = ?"), arguments: [id.rawValue])
            .map(run)
    }

    static func existingRun(_ id: RunID, in db: Database) throws -> StoredRun {
        guard let run = try run(id, in: db) else { throw StoreError(.missing, "there is no run \(id)") }
        return run
    }

    static func runs(in db: Database) throws -> [StoredRun] {
        try Row.fetchAll(db, sql: "SELECT * FROM runs ORDER BY created, id").map(run)
    }

    static func insert(_ run: StoredRun, in db: Database) throws {
        try db.execute(
            sql: "INSERT INTO runs (id, name, seed, state, configuration, created) VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [
                run.id.rawValue, run.name, Int64(bitPattern: run.seed), run.state.rawValue, run.configuration,
                run.created.timeIntervalSince1970,
            ])
    }

    static func update(_ run: StoredRun, in db: Database) throws {
        try db.cachedStatement(
            sql: "UPDATE runs SET state = ?, started = ?, ended = ?, failure = ?, modelSHA256 = ? WHERE id = ?"
        ).execute(arguments: [
            run.state.rawValue, run.started?.timeIntervalSince1970, run.ended?.timeIntervalSince1970, run.failure,
            run.modelSHA256, run.id.rawValue,
        ])
    }

    private static func run(_ row: Row) throws -> StoredRun {
        StoredRun(
            id: try RunID(row.decode(String.self, forColumn: "id")), name: try row.decode(forColumn: "name"),
            seed: UInt64(bitPattern: try row.decode(Int64.self, forColumn: "seed")),
            state: try state(row), configuration: try row.decode(forColumn: "configuration"),
            created: Date(timeIntervalSince1970: try row.decode(forColumn: "created")),
            started: try date(row, "started"), ended: try date(row, "ended"),
            failure: try row.decode(String?.self, forColumn: "failure"),
            modelSHA256: try row.decode(String?.self, forColumn: "modelSHA256"))
    }

    // MARK: Rounds

    static func state(
        of round: RoundID, run: RunID, in db: Database
    ) throws -> (state: RoundState, attempt: Int)? {
        let statement = try db.cachedStatement(sql: "SELECT state, attempt FROM rounds WHERE run = ? AND round = ?")
        return try Row.fetchOne(statement, arguments: [run.rawValue, round.rawValue]).map { row in
            (try state(row), try row.decode(Int.self, forColumn: "attempt"))
        }
    }

    static func begin(
        _ round: RoundID, of run: RunID, attempt: Int, plan: String, now: Date, in db: Database
    ) throws {
        let open = try Int.fetchOne(
            db.cachedStatement(sql: "SELECT round FROM rounds WHERE run = ? AND state = 'planned'"),
            arguments: [run.rawValue])
        try StoredRound.checkBegin(
            round, attempt: attempt, previous: state(of: round, run: run, in: db), open: open.map { RoundID($0) })
        try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO rounds (run, round, state, attempt, plan, begun) VALUES (?, ?, ?, ?, ?, ?)"
        ).execute(arguments: [
            run.rawValue, round.rawValue, RoundState.planned.rawValue, attempt, plan, now.timeIntervalSince1970,
        ])
    }

    static func close(
        _ round: RoundID, of run: RunID, as state: RoundState, record: String?, hash: String? = nil, reason: String?,
        now: Date,
        in db: Database
    ) throws {
        try db.cachedStatement(
            sql: "UPDATE rounds SET state = ?, record = ?, hash = ?, reason = ?, closed = ? WHERE run = ? AND round = ?"
        ).execute(arguments: [
            state.rawValue, record, hash, reason, now.timeIntervalSince1970, run.rawValue, round.rawValue,
        ])
    }

    static func retry(
        _ round: RoundID, of run: RunID, plan: String, reason: String, now: Date, in db: Database
    ) throws {
        try db.cachedStatement(
            sql: "UPDATE rounds SET attempt = attempt + 1, plan = ?, reason = ?, begun = ? WHERE run = ? AND round = ?"
        ).execute(arguments: [plan, reason, now.timeIntervalSince1970, run.rawValue, round.rawValue])
    }

    static func rounds(
        of run: RunID, only round: RoundID? = nil, onlyOpen: Bool = false, in db: Database
    ) throws -> [StoredRound] {
        var sql = "SELECT * FROM rounds WHERE run = ?"
        var arguments: StatementArguments = [run.rawValue]
        if let round {
            sql += " AND round = ?"
            arguments += [round.rawValue]
        }
        if onlyOpen { sql += " AND state = 'planned'" }
        return try Row.fetchAll(db, sql: sql + " ORDER BY round", arguments: arguments).map { row in
            let round = RoundID(try row.decode(Int.self, forColumn: "round"))
            let what = "round \(round) of run \(run) in state.sqlite"
            let plan: String = try row.decode(forColumn: "plan")
            return StoredRound(
                run: run, round: round, state: try state(row),
                attempt: try row.decode(forColumn: "attempt"),
                plan: try StoreJSON.decode(RoundPlan.self, from: plan.utf8, what: what),
                record: try row.decode(String?.self, forColumn: "record").map {
                    try StoreJSON.decode(RoundRecord.self, from: $0.utf8, what: what)
                },
                hash: try row.decode(String?.self, forColumn: "hash"),
                reason: try row.decode(String?.self, forColumn: "reason"),
                begun: Date(timeIntervalSince1970: try row.decode(forColumn: "begun")), closed: try date(row, "closed"))
        }
    }

    /// The hash of a round that is being closed; see `RecordChain`.
    static func nextHash(_ round: RoundID, of run: StoredRun, record: String, in db: Database) throws -> String {
        func text(_ column: String, _ round: Int) throws -> String? {
            try String.fetchOne(
                db.cachedStatement(sql: "SELECT \(column) FROM rounds WHERE run = ? AND round = ?"),
                arguments: [run.id.rawValue, round])
        }
        let previous = try text("hash", round.rawValue - 1) ?? RecordChain.start(of: run)
        guard let plan = try text("plan", round.rawValue) else {
            throw StoreError(.missing, "round \(round) was never begun")
        }
        return RecordChain.next(after: previous, plan: plan, record: record)
    }

    static func links(of run: RunID, in db: Database) throws -> [RecordLink] {
        let sql = "SELECT round, plan, record, hash FROM rounds WHERE run = ? AND state = 'committed' ORDER BY round"
        return try Row.fetchAll(db, sql: sql, arguments: [run.rawValue]).map { row in
            RecordLink(
                round: RoundID(try row.decode(Int.self, forColumn: "round")),
                plan: try row.decode(forColumn: "plan"),
                record: try row.decode(String?.self, forColumn: "record") ?? "",
                hash: try row.decode(String?.self, forColumn: "hash"))
        }
    }

    // MARK: Workers

    static func note(_ worker: WorkerID, address: String, agent: String, now: Date, in db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO workers (name, firstSeen, lastSeen, address, agent) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET
                    lastSeen = excluded.lastSeen, address = excluded.address, agent = excluded.agent
                """
        ).execute(arguments: [
            worker.rawValue, now.timeIntervalSince1970, now.timeIntervalSince1970, address, agent,
        ])
    }

    static func workers(in db: Database) throws -> [StoredWorker] {
        try Row.fetchAll(db, sql: "SELECT * FROM workers ORDER BY name").map { row in
            StoredWorker(
                worker: try WorkerID(row.decode(String.self, forColumn: "name")),
                firstSeen: Date(timeIntervalSince1970: try row.decode(forColumn: "firstSeen")),
                lastSeen: Date(timeIntervalSince1970: try row.decode(forColumn: "lastSeen")),
                address: try row.decode(forColumn: "address"), agent: try row.decode(forColumn: "agent"))
        }
    }

    // MARK: Quarantine

    static func quarantine(_ worker: WorkerID, reason: String, now: Date, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO quarantine (worker, since, reason) VALUES (?, ?, ?)
                ON CONFLICT (worker) DO UPDATE SET reason = excluded.reason
                """, arguments: [worker.rawValue, now.timeIntervalSince1970, reason])
    }

    static func release(_ worker: WorkerID, in db: Database) throws -> Bool {
        try db.execute(sql: "DELETE FROM quarantine WHERE worker = ?", arguments: [worker.rawValue])
        return db.changesCount > 0
    }

    static func quarantined(in db: Database) throws -> [StoredQuarantine] {
        try Row.fetchAll(db.cachedStatement(sql: "SELECT * FROM quarantine ORDER BY worker")).map { row in
            StoredQuarantine(
                worker: try WorkerID(row.decode(String.self, forColumn: "worker")),
                since: Date(timeIntervalSince1970: try row.decode(forColumn: "since")),
                reason: try row.decode(forColumn: "reason"))
        }
    }

    // MARK: Columns

    private static func state<State: RawRepresentable<String>>(_ row: Row) throws -> State {
        guard let state = State(rawValue: try row.decode(String.self, forColumn: "state")) else {
            throw StoreError(.corrupt, "state.sqlite holds an unknown state: restore it from a copy")
        }
        return state
    }

    private static func date(_ row: Row, _ column: String) throws -> Date? {
        try row.decode(Double?.self, forColumn: column).map { Date(timeIntervalSince1970: $0) }
    }
}
