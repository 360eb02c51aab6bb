// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Foundation
import Testing

/// The client in `protocols/python`, which shares no code with the Swift targets, against a coordinator over TLS.
@Suite(
    .serialized, .timeLimit(.minutes(5)),
    .enabled(if: PythonClient.isUsable, "needs python3 with the package protobuf (pip install protobuf)"))
struct PythonClientEndToEndTests {
    static let overrides = [
        "rounds=2", "uplink.codec=dense-float32", "cohort.minimumWorkers=2", "cohort.quorum=0.5",
        "cohort.deadlineSeconds=10",
    ]

    @Test func joinsTrainsNothingAndSendsADenseUpdate() async throws {
        let federation = try await TestFederation()
        let coordinator = try await federation.serve(Self.overrides)
        let python = try await PythonClient.start(in: federation, name: "python", ["--receipts", "2"])
        let worker = try await federation.joinNew("swift", shard: "1/1")
        #expect(try await coordinator.waitForExit() == 0, "\(coordinator.output)")
        #expect(try await worker.waitForExit() == 0, "\(worker.output)")
        #expect(try await python.waitForExit() == 0, "\(python.output)")
        #expect(coordinator.output.contains("round 2/2 | 2/2 ok"), "\(coordinator.output)")
        #expect(python.output.contains("VERDICT_ACCEPTED"))
    }

    @Test(arguments: [
        ("truncated", "fewer"), ("garbled", "SHA-256"), ("oversize", "more"), ("wrong-round", "is not open"),
        ("wrong-name", "another worker"), ("nan", "NaN"), ("bad-count", "example count"),
        ("unknown-codec", "the codec is"), ("wrong-layout", ""), ("bad-metrics", "metrics"), ("undecodable", ""),
    ])
    func whatIsWrongIsRefusedWithAReasonAndTheRunGoesOn(_ misbehaviour: String, _ reason: String) async throws {
        let federation = try await TestFederation()
        let coordinator = try await federation.serve(Self.overrides + ["rounds=1"])
        let python = try await PythonClient.start(in: federation, name: "python", ["--misbehave", misbehaviour])
        let worker = try await federation.joinNew("swift", shard: "1/1")
        #expect(try await coordinator.waitForExit() == 0, "\(coordinator.output)")
        #expect(try await worker.waitForExit() == 0, "\(worker.output)")
        _ = try await python.waitForExit()
        #expect(coordinator.output.contains("round 1/1 | 1/2 ok"), "\(coordinator.output)")
        let line = try #require(
            coordinator.lines.first { $0.contains("update of python refused") }, "\(coordinator.output)")
        if !reason.isEmpty { #expect(line.contains(reason), "\(line)") }
        #expect(python.output.contains("VERDICT_REFUSED"), "\(python.output)")
    }

    @Test(arguments: ["ungranted", "bad-frame"])
    func breakingTheProtocolEndsTheConnectionAndNotTheRun(_ misbehaviour: String) async throws {
        let federation = try await TestFederation()
        let coordinator = try await federation.serve(Self.overrides + ["rounds=1", "cohort.deadlineSeconds=20"])
        let python = try await PythonClient.start(in: federation, name: "python", ["--misbehave", misbehaviour])
        let worker = try await federation.joinNew("swift", shard: "1/1")
        #expect(try await coordinator.waitForExit() == 0, "\(coordinator.output)")
        #expect(try await worker.waitForExit() == 0, "\(worker.output)")
        _ = try await python.waitForExit()
        #expect(coordinator.output.contains("python is gone"), "\(coordinator.output)")
    }
}

/// How to run the Python client.
enum PythonClient {
    /// The root of the checkout.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let python = "/usr/bin/env"

    /// Whether there is a Python with the protobuf runtime.
    static let isUsable: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["python3", "-c", "import google.protobuf"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    /// Enrols a worker with `fedworker`, which then leaves, and starts the client with its certificate.
    static func start(in federation: TestFederation, name: String, _ more: [String]) async throws -> Program {
        let enrolled = try federation.join(name, token: try await federation.token(name))
        try await enrolled.waitForLine(containing: "connected as \(name)")
        enrolled.send(SIGKILL)
        _ = try await enrolled.waitForExit()
        let state = federation.state(name)
        let address = try String(contentsOfFile: state + "/coordinator", encoding: .utf8)
        let port = try #require(
            address.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) })
        let client = try Program(
            python,
            [
                "python3", root.appendingPathComponent("protocols/python/fedcoord_client.py").path, "--port", port,
                "--certificate", state + "/worker.pem", "--key", state + "/worker.key", "--authority",
                state + "/ca.pem",
                "--dataset", "digits",
            ] + more)
        try await client.waitForLine(containing: "welcome")
        return client
    }
}
