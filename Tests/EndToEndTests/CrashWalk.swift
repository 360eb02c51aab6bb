// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Foundation
import Testing

/// The same small run again and again, each time with a coordinator that is killed at another point.
///
/// Every run has a federation of its own, with the certificates of a first one in which two workers have enrolled, and ports below
/// those that the system hands out, so that a coordinator that starts again finds its own free.
final class CrashWalk: Sendable {
    /// What came of a run.
    struct Outcome: Sendable {
        /// Where the coordinator was to be killed; nil if it was not.
        var point: String?
        /// Whether it was killed there.
        var wasKilled: Bool
        /// SHA-256 of the model, as the coordinator that ended the run said.
        var model: String?
        /// What is not as it should be.
        var complaint: String?
        /// All that was printed.
        var output = ""
    }

    /// Overrides of the run file: two workers, `rounds` rounds, a perceptron of 292 or so parameters.
    let overrides: [String]
    private let rounds: Int
    private let template: TestFederation
    private let firstPort = Int.random(in: 12_000..<26_000)

    /// Enrols two workers in a federation of which the others are copies.
    init(rounds: Int = 2, overrides: [String]) async throws {
        self.rounds = rounds
        self.overrides =
            [
                "rounds=\(rounds)", "model={architecture: mlp, hidden: [4]}", "training.epochs=1",
                "cohort.minimumWorkers=2", "cohort.quorum=1.0",
            ] + overrides
        template = try await TestFederation()
        let coordinator = try await template.serve(["cohort.minimumWorkers=9"])
        for index in 1...2 {
            let worker = try await template.joinNew("w\(index)", shard: "\(index)/2")
            try await worker.waitForLine(containing: "connected as w\(index)")
            worker.send(SIGTERM)
            _ = try await worker.waitForExit()
        }
        coordinator.send(SIGTERM)
        _ = try await coordinator.waitForExit()
        for name in ["state.sqlite", "state.sqlite-wal", "state.sqlite-shm", "runs", "listening.json"] {
            try? FileManager.default.removeItem(atPath: template.directory + "/" + name)
        }
    }

    /// The run without a crash, and all the points that it passes, in order.
    func undisturbed() async throws -> (outcome: Outcome, points: [String]) {
        let log = template.folder.appendingPathComponent("points")
        let outcome = try await run(at: nil, number: 0, environment: ["FEDCOORD_CRASH_LOG": log.path])
        let points = try String(contentsOf: log, encoding: .utf8).split(separator: "\n").map(String.init)
        return (outcome, points)
    }

    /// The run with a crash at each of the points, several runs at a time.
    func walk(_ points: [String], atATime: Int = 6) async throws -> [Outcome] {
        try await withThrowingTaskGroup(of: Outcome.self) { group in
            var outcomes: [Outcome] = []
            for (index, point) in points.enumerated() {
                if index >= atATime, let outcome = try await group.next() { outcomes.append(outcome) }
                group.addTask {
                    try await self.run(
                        at: point, number: index + 1, environment: ["FEDCOORD_CRASH_AT": point])
                }
            }
            for try await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
    }

    private func run(at point: String?, number: Int, environment: [String: String]) async throws -> Outcome {
        let folder = template.folder.appendingPathComponent("\(number)/walk")
        defer { try? FileManager.default.removeItem(at: folder) }
        let directory = try copy(into: folder, port: firstPort + 2 * number)
        func serve(_ environment: [String: String] = [:]) throws -> Program {
            try Program(
                "fedcoord",
                ["serve", "--directory", directory, directory + "/run.yaml"] + overrides.flatMap { ["--set", $0] },
                environment: environment)
        }
        var coordinators = [try serve(environment)]
        let workers = try (1...2).map { index in
            try Program(
                "fedworker",
                ["join", "--state", folder.path + "/state-w\(index)", "--data", "digits", "--shard", "\(index)/2"])
        }
        var status = try await coordinators[0].waitForExit()
        let wasKilled = status == 128 + SIGKILL
        // A run that is finished is not served again: its workers wait for a next one. Only where it may be, the database is
        // looked at, which else nobody but the coordinators touches.
        var finishedModel: String?
        if wasKilled, let point, point.hasPrefix("remove") || point == "commit run finished 1 after" {
            finishedModel = try await TestFederation.modelOfFinishedRun(in: directory)
        }
        let isFinished = finishedModel != nil
        if wasKilled, !isFinished {
            coordinators.append(try serve())
            status = try await coordinators[1].waitForExit()
        }
        var outcome = Outcome(point: point, wasKilled: wasKilled)
        let line = coordinators.last?.lines.first { $0.contains("SHA-256 of its values") }
        outcome.model = finishedModel ?? line?.split(separator: " ").last.map(String.init)
        var statuses: [Int32] = isFinished ? [] : [status]
        for worker in workers where !isFinished { statuses.append(try await worker.waitForExit()) }
        // Each round was trained once by each worker, whatever became of the coordinator.
        let trainings = workers.map { worker in
            (1...rounds).map { round in worker.lines.count { $0.hasPrefix("round \(round) | trained") } }
        }
        let isTrainedOnce = trainings.allSatisfy { $0.allSatisfy { $0 == 1 } }
        if statuses.contains(where: { $0 != 0 }) || !isTrainedOnce {
            outcome.complaint = "exit codes \(statuses), trainings \(trainings)"
        }
        outcome.output = (coordinators + workers).map(\.output).joined(separator: "\n---\n")
        return outcome
    }

    /// A federation and the state of two workers as they were before the first run; returns the federation's directory.
    private func copy(into folder: URL, port: Int) throws -> String {
        let files = FileManager.default
        try files.createDirectory(at: folder, withIntermediateDirectories: true)
        let directory = folder.appendingPathComponent("federation").path
        try files.copyItem(atPath: template.directory, toPath: directory)
        let settings =
            #"{"enrolmentPort": \#(port + 1), "host": "127.0.0.1", "listen": "127.0.0.1", "port": \#(port)}"#
        try settings.write(toFile: directory + "/settings.json", atomically: true, encoding: .utf8)
        for name in ["w1", "w2"] {
            let state = folder.appendingPathComponent("state-\(name)").path
            try files.copyItem(atPath: template.state(name), toPath: state)
            try "127.0.0.1:\(port)\n".write(toFile: state + "/coordinator", atomically: true, encoding: .utf8)
        }
        return directory
    }
}
