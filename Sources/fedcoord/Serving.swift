// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCommandLine
import FedCoordinator
import FedIdentity
import FedStore
import FedTransport
import Foundation
import Logging
import ServiceLifecycle

/// A coordinator at work: its doors, its run, and the screen. The caller holds the directory's lock.
struct Serving {
    let directory: FederationDirectory
    let config: RunConfig
    /// Where to write a copy of the report.
    let report: String?
    /// Whether to end when standard input does.
    var exitWithParent = false

    /// Serves the run that `open` makes or finds, in a store and a folder for the files of runs.
    func run(_ open: (SQLiteRunStore, URL) async throws -> RunRecords) async throws {
        if let report { try OutputFile.check(report) }
        let connections = try OpenFiles.connections(limit: OpenFiles.raiseLimit())
        let model = try CentralModel.engine(for: config)
        let terminal = Terminal()
        let console = RunConsole(terminal)
        let records = try await open(
            SQLiteRunStore(directory: directory.path), URL(fileURLWithPath: directory.runs))
        if let replaced = records.replaced {
            terminal.print("run \(replaced) was unfinished and is stopped now: the run file has changed")
        }
        var settings = Coordinator.Settings()
        let revocations = RevocationList(file: directory.revoked)
        settings.isRevoked = { (try? revocations.contains($0)) == true }
        let coordinator = try Coordinator(
            config: config, model: model, records: records, settings: settings, observe: console.show)
        var doors = CoordinatorService.Configuration(
            directory: directory, settings: try FederationSettings.load(from: directory))
        doors.connections = min(doors.connections, connections)
        let service = try CoordinatorService(
            doors, connection: ConnectionConfiguration(), observe: console.show)
        if exitWithParent { ParentWatch.whenInputEnds { Foundation.exit(ExitStatus.interrupted.rawValue) } }
        let door = DoorService(service: service, coordinator: coordinator) { settings in
            try announce(settings, terminal)
        }
        let work = RunService(coordinator: coordinator, report: report)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: door),
                    .init(
                        service: work, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup),
                ], gracefulShutdownSignals: [.sigint, .sigterm],
                logger: Logger(label: "fedcoord") { _ in SwiftLogNoOpLogHandler() }))
        try await group.run()
    }

    /// Says where workers connect to, and how the first one joins.
    private func announce(_ settings: FederationSettings, _ terminal: Terminal) throws {
        terminal.print(
            "listening on \(settings.listen), port \(settings.port) for workers, "
                + "\(settings.enrolmentPort) to enrol")
        guard !exitWithParent, try !EnrolmentAuthority(directory: directory).hasEnrolledAnyone() else { return }
        guard let join = try? JoinLine(directory: directory, settings: settings, name: "worker-1", hours: 24) else {
            return
        }
        terminal.print(
            """
            no worker has enrolled yet; on the machine that holds data, run (valid once, for 24 hours):
              \(join.line)
            more workers: fedcoord token create --directory \(directory.path) --name NAME
            """)
    }
}

/// The listeners, until the run is over.
private struct DoorService: Service {
    let service: CoordinatorService
    let coordinator: Coordinator
    let onListening: @Sendable (FederationSettings) throws -> Void

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                try await service.run(for: coordinator) { try onListening($0) }
            }
        } catch is CancellationError {}  // the run is over
    }
}

/// The run itself.
private struct RunService: Service {
    let coordinator: Coordinator
    let report: String?

    func run() async throws {
        let result = try await cancelWhenGracefulShutdown {
            do {
                let result = try await coordinator.carryOut()
                await coordinator.farewell(seconds: 5)
                return result
            } catch let error as CancellationError {
                throw error
            } catch {
                await coordinator.farewell(seconds: 5)
                throw ProgramFailure(.runFailed, "\(error)")
            }
        }
        guard let report else { return }
        try OutputFile.write(result.json(), to: report)
    }
}
