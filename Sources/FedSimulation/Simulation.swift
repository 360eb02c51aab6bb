// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCoordinator
internal import FedCore
internal import FedIdentity
internal import FedStrategies
public import Foundation

/// A whole federation on this machine: one coordinator process and several worker processes that meet over loopback,
/// with an authority, certificates and tokens made for the occasion.
public struct Simulation: Sendable {
    /// What is run.
    public let config: RunConfig
    /// How many workers there are; each holds one shard of the data.
    public let workers: Int
    /// The folder that everything is kept in.
    public let output: URL
    /// How many threads each worker trains on, at least 1.
    public let threadsPerWorker: Int
    /// Who attacks; nil for honest workers only.
    public let attackers: Attackers?
    /// What workers can afford; nil for everything.
    public let budgets: WorkerBudgets?
    /// Who trains adversarially, where only some do.
    public let adversarial: AdversarialWorkers?
    private let programs: Programs
    private let showsWorkers: Bool

    /// A simulation that has not begun.
    public init(
        config: RunConfig, workers: Int, output: URL, programs: Programs, threadsPerWorker: Int,
        attackers: Attackers? = nil, budgets: WorkerBudgets? = nil, adversarial: AdversarialWorkers? = nil,
        showsWorkers: Bool
    ) {
        self.config = config
        self.workers = workers
        self.output = output
        self.programs = programs
        self.threadsPerWorker = threadsPerWorker
        self.attackers = attackers
        self.budgets = budgets
        self.adversarial = adversarial
        self.showsWorkers = showsWorkers
    }

    /// Runs it to its end and returns the report's path; when it throws or is cancelled, no process is left behind.
    ///
    /// Throws `SimulationError`, or what making the federation throws.
    public func run() async throws -> URL {
        let directory = try makeFederation()
        let runFile = output.appendingPathComponent("run.yaml")
        try write(RunFile.text(of: config), to: runFile)
        let report = output.appendingPathComponent("report.json")
        let coordinator = ChildProcess(
            program: programs.coordinator,
            arguments: [
                "serve", "--directory", directory.path, runFile.path, "--report", report.path, "--exit-with-parent",
            ], environment: [:], output: .own)
        return try await withThrowingTaskGroup(of: End.self) { group in
            group.addTask { .coordinator(try await coordinator.run()) }
            group.addTask {
                try await startWorkers(directory)
                return .workers
            }
            defer { group.cancelAll() }
            var workersAreGone = false
            while let end = try await group.next() {
                switch end {
                case .coordinator(let code):
                    guard code == 0 else {
                        throw SimulationError(
                            .coordinatorFailed, "the coordinator ended with exit code \(code)", exitCode: code)
                    }
                    try nameAttackers(in: report)
                    return report
                case .workers:
                    guard !workersAreGone else { break }
                    workersAreGone = true
                    group.addTask {
                        try await Task.sleep(for: .seconds(5))
                        return .patienceOver
                    }
                case .patienceOver:
                    throw SimulationError(
                        .workersGone, "all workers have ended before the run did; see what they say with --verbose")
                }
            }
            throw SimulationError(.coordinatorFailed, "the coordinator ended without a word")
        }
    }

    /// Adds to the coordinator's report what it cannot know.
    private func nameAttackers(in file: URL) throws {
        guard let attackers else { return }
        do {
            var report = try JSONDecoder().decode(RunReport.self, from: Data(contentsOf: file))
            report.attack = attackers.report
            try report.json().write(to: file, options: .atomic)
        } catch {
            throw SimulationError(.setUp, "cannot write \(file.path): check permissions and free space")
        }
    }

    /// What a task of the simulation has come to.
    private enum End {
        case coordinator(Int32)
        case workers
        case patienceOver
    }

    private func makeFederation() throws -> FederationDirectory {
        do {
            try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
        } catch {
            throw SimulationError(.setUp, "cannot make \(output.path): check the path and its permissions")
        }
        let directory = try FederationDirectory.create(
            output.appendingPathComponent("federation").path, hosts: ["localhost", "127.0.0.1"], now: Date())
        try FederationSettings(host: "127.0.0.1", port: 0, enrolmentPort: 0, listen: "127.0.0.1").save(to: directory)
        return directory
    }

    private func startWorkers(_ directory: FederationDirectory) async throws {
        while FederationSettings.listening(in: directory) == nil { try await Task.sleep(for: .milliseconds(10)) }
        guard let settings = FederationSettings.listening(in: directory) else { return }
        let authority = try EnrolmentAuthority(directory: directory)
        let needed = Strategy.quorum(share: config.cohort.quorum, of: workers)
        try await withThrowingTaskGroup(of: (name: String, code: Int32).self) { group in
            for index in 1...workers {
                let name = "worker-\(index)"
                let token = try authority.makeToken(
                    for: WorkerID(name), enrolment: ServiceAddress(host: settings.host, port: settings.enrolmentPort),
                    coordinator: ServiceAddress(host: settings.host, port: settings.port), lifetime: 3600, now: Date())
                let worker = process(of: name, index: index, token: token)
                group.addTask { (name, try await worker.run()) }
            }
            var present = workers
            for try await (name, code) in group {
                // Whoever interrupts this process ends the workers with it.
                try Task.checkCancellation()
                present -= 1
                guard code != 0 else { continue }
                print("[\(name)] ended with exit code \(code)")
                // Once a run has failed its workers end with 3, and the coordinator says why.
                guard present < needed, code != 3 else { continue }
                throw SimulationError(
                    .workersGone,
                    "\(present) of \(workers) workers are left, \(needed) are needed; see what they say "
                        + "with --verbose")
            }
        }
    }

    private func process(of name: String, index: Int, token: JoinToken) -> ChildProcess {
        var data = ["--data", config.data.path.map { "\(config.data.dataset)=\($0)" } ?? config.data.dataset]
        if let label = config.data.label { data += ["--label", label] }
        if let schema = config.data.schema { data += ["--schema", schema] }
        if let budgets { data += ["--budget", "\(budgets.budget(of: index, among: workers))"] }
        if adversarial?.contains(index) == true { data += ["--adversarial"] }
        // Simulated workers agree to everything.
        if config.strategy.propagatesRobustness { data += ["--share-statistics"] }
        if let sabotage = attackers?.sabotage(of: index) {
            data += ["--attack", sabotage.kind.rawValue, "--attack-scale", "\(sabotage.scale)"]
        }
        return ChildProcess(
            program: programs.worker,
            arguments: [
                "join", "--state", output.appendingPathComponent("workers/\(name)").path, "--shard",
                "\(index)/\(workers)", "--threads", "\(threadsPerWorker)", "--exit-with-parent",
            ] + data, environment: ["FEDWORKER_TOKEN": token.text], output: .prefixed("[\(name)] ", all: showsWorkers))
    }

    private func write(_ text: String, to url: URL) throws {
        do {
            try text.write(to: url, atomically: true, encoding: .utf8)
        } catch {
            throw SimulationError(.setUp, "cannot write \(url.path): check permissions and free space")
        }
    }
}
