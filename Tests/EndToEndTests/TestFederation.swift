// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Foundation
import Testing

/// A federation in a folder of its own, with the programs to use it.
final class TestFederation: Sendable {
    /// The folder that everything of the test is in.
    let folder: URL
    /// The federation's directory.
    var directory: String { (disk ?? folder.path) + "/federation" }
    /// The small disk that the federation's directory lies on, if it has one of its own.
    let disk: String?

    /// Makes a federation on loopback with free ports, or with `port` and the one above it.
    ///
    /// With `diskSize`, as in `4m`, its directory lies on a disk of that size (a tmpfs).
    init(diskSize: String? = nil, port: Int? = nil) async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("fedcoord-e2e-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        disk = diskSize == nil ? nil : folder.path + "/disk"
        if let disk, let diskSize {
            try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
            #expect(Self.mount(disk, size: diskSize))
        }
        let made = try Program(
            "fedcoord",
            [
                "init", directory, "--host", "127.0.0.1", "--listen", "127.0.0.1", "--port", "\(port ?? 0)",
                "--enrolment-port", "\(port.map { $0 + 1 } ?? 0)",
            ])
        #expect(try await made.waitForExit() == 0, "\(made.output)")
    }

    deinit {
        if let disk { _ = Self.call("/usr/bin/umount", ["-l", disk]) }
        try? FileManager.default.removeItem(at: folder)
    }

    /// Whether this process may mount a disk.
    static let canMount: Bool = {
        let place = FileManager.default.temporaryDirectory.path + "/fedcoord-mount-\(UUID())"
        guard mkdir(place, 0o700) == 0 else { return false }
        defer { rmdir(place) }
        guard mount(place, size: "64k") else { return false }
        return call("/usr/bin/umount", [place])
    }()

    private static func mount(_ place: String, size: String) -> Bool {
        call("/usr/bin/mount", ["-t", "tmpfs", "-o", "size=\(size)", "tmpfs", place])
    }

    /// Runs a program to its end; false if it failed.
    private static func call(_ path: String, _ arguments: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    /// Enrols a worker, which then leaves, so that no round begins, and comes back through a proxy.
    func enrol(_ name: String, shard: String, with coordinator: Program, through port: Int) async throws {
        let newcomer = try await joinNew(name, shard: shard)
        try await newcomer.waitForLine(containing: "connected as \(name)")
        newcomer.send(SIGTERM)
        _ = try await newcomer.waitForExit()
        try await coordinator.waitForLine(containing: "\(name) is gone")
        try "127.0.0.1:\(port)\n".write(toFile: state(name) + "/coordinator", atomically: true, encoding: .utf8)
    }

    /// The model of the only run of a federation if that is finished, as the database says.
    static func modelOfFinishedRun(in directory: String) async throws -> String? {
        let list = try Program("fedcoord", ["run", "list", "--directory", directory, "--format", "json"])
        #expect(try await list.waitForExit() == 0, "\(list.output)")
        let runs = try JSONSerialization.jsonObject(with: Data(list.output.utf8)) as? [[String: Any]]
        #expect(runs?.count == 1)
        return runs?.first?["state"] as? String == "finished" ? runs?.first?["modelSHA256"] as? String : nil
    }

    /// The run file that `fedcoord init` made.
    var runFile: String { directory + "/run.yaml" }

    /// Starts the coordinator and waits until it listens.
    func serve(_ overrides: [String], more: [String] = []) async throws -> Program {
        let coordinator = try Program("fedcoord", serving(overrides) + more)
        try await coordinator.waitForLine(containing: "listening on")
        return coordinator
    }

    /// Starts the coordinator as a process that may have so many files open.
    func serve(_ overrides: [String], openFiles: Int) throws -> Program {
        let program = Program.folder.appendingPathComponent("fedcoord").path
        return try Program(
            "/bin/bash",
            ["-c", "ulimit -n \(openFiles) && exec \"$0\" \"$@\"", program] + serving(overrides))
    }

    private func serving(_ overrides: [String]) -> [String] {
        ["serve", "--directory", directory, runFile] + overrides.flatMap { ["--set", $0] }
    }

    /// Makes the next coordinator listen where the running one does.
    func keepPorts() throws {
        let listening = try String(contentsOfFile: directory + "/listening.json", encoding: .utf8)
        try listening.write(toFile: directory + "/settings.json", atomically: true, encoding: .utf8)
    }

    /// A join token for `name`.
    func token(_ name: String) async throws -> String {
        let made = try Program("fedcoord", ["token", "create", "--directory", directory, "--name", name])
        let line = try await made.waitForLine(containing: "fedtoken1.")
        return try #require(line.split(separator: " ").last.map(String.init))
    }

    /// The state directory of `name`.
    func state(_ name: String) -> String { folder.appendingPathComponent("state-\(name)").path }

    /// Starts a worker; `token` is needed the first time.
    func join(_ name: String, token: String? = nil, more: [String] = []) throws -> Program {
        try Program(
            "fedworker", ["join", "--state", state(name)] + (token.map { ["--token", $0] } ?? []) + more)
    }

    /// Starts a new worker for one shard.
    func joinNew(_ name: String, shard: String, more: [String] = []) async throws -> Program {
        try join(name, token: try await token(name), more: ["--data", "digits", "--shard", shard] + more)
    }
}
