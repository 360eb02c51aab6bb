public import FedCoordinator
internal import FedCore
internal import FedIdentity
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
    private let programs: Programs
    private let showsWorkers: Bool

    /// A simulation that has not begun.
    public init(config: RunConfig, workers: Int, output: URL, programs: Programs, showsWorkers: Bool) {
        self.config = config
        self.workers = workers
        self.output = output
        self.programs = programs
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
            ], output: .own)
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
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 1...workers {
                let name = "worker-\(index)"
                let token = try authority.makeToken(
                    for: WorkerID(name), enrolment: ServiceAddress(host: settings.host, port: settings.enrolmentPort),
                    coordinator: ServiceAddress(host: settings.host, port: settings.port), lifetime: 3600, now: Date())
                let data = config.data.path.map { "\(config.data.dataset)=\($0)" } ?? config.data.dataset
                let worker = ChildProcess(
                    program: programs.worker,
                    arguments: [
                        "join", "--token", token.text, "--state", output.appendingPathComponent("workers/\(name)").path,
                        "--data", data, "--shard", "\(index)/\(workers)", "--exit-with-parent",
                    ], output: .prefixed("[\(name)] ", all: showsWorkers))
                group.addTask {
                    let code = try await worker.run()
                    if code != 0 { print("[\(name)] ended with exit code \(code)") }
                }
            }
            try await group.waitForAll()
        }
    }

    private func write(_ text: String, to url: URL) throws {
        do {
            try text.write(to: url, atomically: true, encoding: .utf8)
        } catch {
            throw SimulationError(.setUp, "cannot write \(url.path): check permissions and free space")
        }
    }
}
