// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Foundation
import Synchronization
import Testing

/// A running program whose lines can be waited for; it never outlives the test that holds it.
final class Program: Sendable {
    private struct State {
        var lines: [String] = []
        var partial = Data()
        var isAtEnd = false
    }

    private let process: Process
    private let state = Mutex(State())

    /// The folder of the built programs: the one that the tests themselves were built into.
    static let folder: URL = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: own).deletingLastPathComponent()
        if FileManager.default.isExecutableFile(atPath: beside.appendingPathComponent("fedcoord").path) {
            return beside
        }
        return URL(fileURLWithPath: ".build/release")
    }()

    /// Starts `fedcoord`, `fedworker`, or the program at an absolute path.
    ///
    /// `environment` is added to that of the tests.
    init(
        _ name: String, _ arguments: [String], in directory: URL? = nil, environment: [String: String] = [:]
    ) throws {
        process = Process()
        process.executableURL =
            name.hasPrefix("/") ? URL(fileURLWithPath: name) : Self.folder.appendingPathComponent(name)
        process.arguments = arguments
        process.currentDirectoryURL = directory
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        pipe.fileHandleForReading.readabilityHandler = { [weak self] handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
                self?.state.withLock { $0.isAtEnd = true }
            } else {
                self?.take(data)
            }
        }
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// Everything it has printed so far, as lines.
    var lines: [String] { state.withLock { $0.lines } }
    /// Everything it has printed so far.
    var output: String { lines.joined(separator: "\n") }

    /// Waits until a line contains `text` and returns the line.
    @discardableResult
    func waitForLine(
        containing text: String, seconds: Double = 60, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        for _ in 0..<Int(seconds * 50) {
            if let line = lines.first(where: { $0.contains(text) }) { return line }
            if !process.isRunning {
                try await drain()
                if let line = lines.first(where: { $0.contains(text) }) { return line }
                break
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("no line contains “\(text)” in:\n\(output)", sourceLocation: sourceLocation)
        throw CancellationError()
    }

    /// Waits until a line contains `text`, or the program has ended.
    func waitForLineOrExit(containing text: String, seconds: Double = 150) async throws {
        for _ in 0..<Int(seconds * 50) where process.isRunning && !lines.contains(where: { $0.contains(text) }) {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Waits until all that the ended program printed has been read; a child that outlives it may hold its output open, so
    /// no longer than 2 seconds.
    private func drain() async throws {
        for _ in 0..<100 where !state.withLock({ $0.isAtEnd }) { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// Waits for the end and returns the exit code, or 128 plus the signal.
    func waitForExit(seconds: Double = 60, sourceLocation: SourceLocation = #_sourceLocation) async throws -> Int32 {
        for _ in 0..<Int(seconds * 50) {
            if !process.isRunning {
                try await drain()
                return process.terminationReason == .exit
                    ? process.terminationStatus : 128 + process.terminationStatus
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("still running after \(seconds) s:\n\(output)", sourceLocation: sourceLocation)
        send(SIGKILL)
        throw CancellationError()
    }

    /// Sends a signal.
    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Sends it to all of the program's process group, as a terminal does.
    func sendToGroup(_ signal: Int32) { kill(-process.processIdentifier, signal) }

    private func take(_ data: Data) {
        state.withLock { state in
            state.partial.append(data)
            while let end = state.partial.firstIndex(of: UInt8(ascii: "\n")) {
                state.lines.append(String(decoding: state.partial[..<end], as: UTF8.self))
                state.partial = Data(state.partial[(end + 1)...])
            }
        }
    }
}
