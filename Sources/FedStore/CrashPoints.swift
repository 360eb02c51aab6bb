// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation
internal import Synchronization

/// The points at which a test ends the process, to see what is left: around every operation on the durable state.
///
/// Off unless the environment asks for it, and then no more than a look at a constant. See `Documentation/Durability.md`:
///
/// - `FEDCOORD_CRASH_LOG=FILE` appends the name of every point that is passed to FILE, one a line.
/// - `FEDCOORD_CRASH_AT=NAME` ends the process with SIGKILL at the point of this name.
///
/// A name says what is done, where, for which time in this process, and when: `write journal/000001.journal 2 torn`.
final class CrashPoints: Sendable {
    /// What is done to the durable state.
    enum Operation: String {
        case makeDirectory = "mkdir"
        case create, write, truncate, synchronize, rename, remove, commit
    }

    /// When the process ends: without the operation, with half of it, or as soon as it is done.
    enum Moment: String {
        case before, torn, after
    }

    /// The points, if the environment asks for them.
    static let active = CrashPoints(ProcessInfo.processInfo.environment)

    private let target: String?
    private let log: Int32?
    private let counts = Mutex<[String: Int]>([:])

    private init?(_ environment: [String: String]) {
        target = environment["FEDCOORD_CRASH_AT"]
        log = environment["FEDCOORD_CRASH_LOG"].map { open($0, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600) }
        if target == nil && log == nil { return nil }
    }

    /// Does `body`, with a point before and one after it; and a third where `half` can do the half of it.
    static func around<Result, Failure: Error>(
        _ operation: Operation, _ place: @autoclosure () -> String, half: (() -> Void)? = nil,
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let active else { return try body() }
        let name = active.name(operation, place())
        active.pass("\(name) \(Moment.before.rawValue)")
        if let half { active.pass("\(name) \(Moment.torn.rawValue)", half) }
        let result = try body()
        active.pass("\(name) \(Moment.after.rawValue)")
        return result
    }

    /// Does a transaction, with a point before it, one inside it behind the last statement, and one after it.
    static func aroundCommit<Result>(
        _ what: String, _ transaction: (_ beforeCommit: () -> Void) throws -> Result
    ) rethrows -> Result {
        guard let active else { return try transaction {} }
        let name = active.name(.commit, what)
        active.pass("\(name) \(Moment.before.rawValue)")
        let result = try transaction { active.pass("\(name) \(Moment.torn.rawValue)") }
        active.pass("\(name) \(Moment.after.rawValue)")
        return result
    }

    /// The name of a file or directory: its last two components, without the process's number in it.
    static func place(_ path: String) -> String {
        let parts = path.split(separator: "/").suffix(2).map(String.init)
        return parts.joined(separator: "/").replacingOccurrences(of: ".\(getpid()).tmp", with: ".tmp")
    }

    /// The name of an open file.
    static func place(_ descriptor: Int32) -> String {
        let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
        return place(path ?? "unknown")
    }

    private func name(_ operation: Operation, _ place: String) -> String {
        let name = "\(operation.rawValue) \(place)"
        let count = counts.withLock { counts in
            counts[name, default: 0] += 1
            return counts[name] ?? 0
        }
        return "\(name) \(count)"
    }

    private func pass(_ point: String, _ half: () -> Void = {}) {
        if let log {
            let line = Array((point + "\n").utf8)
            line.withUnsafeBytes { _ = Glibc.write(log, $0.baseAddress, $0.count) }
        }
        guard point == target else { return }
        half()
        kill(getpid(), SIGKILL)
        while true { pause() }
    }
}
