// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Foundation
import Testing

/// One small run of three workers, to be disturbed in one way or another; whatever happens to it, its model is the same.
enum Chaos {
    /// Enough rounds for many disturbances; every worker takes part in each.
    static let rounds = 40

    /// Overrides of the run file: the server's optimiser, the downlink and the workers all carry something from round to round.
    static let overrides = [
        "rounds=\(rounds)", "model={architecture: mlp, hidden: [4]}", "training.epochs=60",
        "cohort.minimumWorkers=3", "cohort.quorum=1.0", "cohort.deadlineSeconds=250",
        "strategy.optimizer={name: yogi, learningRate: 0.05}", "uplink={codec: stc, density: 0.1}",
        "downlink={codec: stc, density: 0.1}",
    ]

    /// SHA-256 of the model of a run that nothing disturbs.
    static let undisturbed = Task {
        let federation = try await Chaos.federation()
        let coordinator = try await federation.serve(overrides)
        let workers = try await joinAll(federation)
        let model = try await Chaos.model(of: coordinator)
        for worker in workers { #expect(try await worker.waitForExit() == 0, "\(worker.output)") }
        return model
    }

    /// A federation with ports below those that the system hands out, so that a coordinator that starts again finds its own free.
    static func federation() async throws -> TestFederation {
        try await TestFederation(port: 2 * Int.random(in: 13_000..<16_000))
    }

    /// Starts all workers for the first time.
    static func joinAll(_ federation: TestFederation) async throws -> [Program] {
        var workers: [Program] = []
        for index in 1...3 { workers.append(try await federation.joinNew("w\(index)", shard: "\(index)/3")) }
        return workers
    }

    /// Starts a worker again.
    static func join(_ index: Int, _ federation: TestFederation) throws -> Program {
        try federation.join("w\(index)", more: ["--data", "digits", "--shard", "\(index)/3"])
    }

    /// Kills a process and waits for its end, unless it has come to its own.
    static func kill(_ program: Program) async throws {
        program.send(SIGKILL)
        #expect([0, 128 + SIGKILL].contains(try await program.waitForExit()), "\(program.output)")
    }

    /// Waits for the end of a run, and returns the SHA-256 of its model.
    static func model(of coordinator: Program) async throws -> String {
        #expect(try await coordinator.waitForExit(seconds: 300) == 0, "\(coordinator.output)")
        let line = coordinator.lines.first { $0.contains("SHA-256 of its values") }
        return try #require(line?.split(separator: " ").last.map(String.init))
    }
}
