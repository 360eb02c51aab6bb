// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCore
import FedIdentity
import FedTraining
import FedWorker
import Foundation
import Logging
import ServiceLifecycle

struct JoinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join", abstract: "Joins a federation and trains until its run has ended.",
        discussion: """
            The first time, paste the line that the coordinator printed behind --token: the worker makes its own key, gets
            its certificate, and keeps both in its state directory. After that it needs no token.

            Other users of this machine can see a command line. To hide the token from them, put it into the environment
            variable FEDWORKER_TOKEN, or write --token - and give it as the first line of standard input.

            Examples:
              fedworker join --token fedtoken1.… --data mnist=/data/mnist --shard 3/8
              fedworker join --token fedtoken1.… --data csv=/data/patients.csv --label outcome --schema schema.json
            """)

    @Option(
        help: """
            The join token that the coordinator printed; needed once. '-' reads it from the first line of standard \
            input; without this option, the environment variable FEDWORKER_TOKEN is used.
            """)
    var token: String?

    @Option(help: "Where key, certificate and unfinished updates are kept.")
    var state = FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".fedworker").path

    @Option(
        help: ArgumentHelp(
            "A data set of this machine: its name and its file or folder; may be given several times.",
            valueName: "name=path"))
    var data: [String] = []

    @Option(help: ArgumentHelp("The label column of the CSV file; by default the run says it.", valueName: "column"))
    var label: String?

    @Option(
        help: ArgumentHelp("How the columns of the CSV file are coded ('fedcoord data schema').", valueName: "file"))
    var schema: String?

    @Option(help: ArgumentHelp("Train on one part of the data set only, as in 3/8.", valueName: "part/parts"))
    var shard: String?

    @Option(
        help:
            "How many threads to train on, by default as many as there are cores; what comes out does not depend on it."
    )
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(
        help: ArgumentHelp(
            "The width that this worker can afford to train with split-mix, heterofl, or fedrbn with baseWidth, such as 1/4, or auto.",
            valueName: "width"), transform: { try TrainingBudget(text: $0) })
    var budget = TrainingBudget.everything

    @Flag(
        help: """
            Train adversarially in runs of which only some workers do. With the word auto behind it: only while a round \
            leaves the time, as measured.
            """)
    var adversarial = false

    @Argument(help: .hidden)
    var when: [String] = []

    @Flag(
        help: """
            Agree that means and variances of batch normalisation, which say something of this worker's data, are shared \
            with other workers in runs that ask for it (fedrbn).
            """)
    var shareStatistics = false

    @Option(
        help: ArgumentHelp(
            "Noise on shared statistics: its deviation in multiples of each tensor's root mean square.",
            valueName: "deviation"))
    var statisticsNoise = 0.0

    @Option(help: "Seconds to try to reach the coordinator for the first time.")
    var patience = 60.0

    @Flag(help: "Wait for the next run when one has ended.")
    var keepRunning = false

    @Flag(help: .hidden)
    var exitWithParent = false

    @Option(help: .hidden)
    var attack: String?

    @Option(help: .hidden)
    var attackScale: Float = 10

    func validate() throws {
        guard (0...1_000_000_000).contains(patience) else {
            throw ValidationError("--patience takes 0 to 1000000000 seconds")
        }
        guard when.isEmpty || (adversarial && when == ["auto"]) else {
            throw ValidationError("\(when[0]) is not expected here; --adversarial takes auto or nothing")
        }
        guard (0...1).contains(statisticsNoise) else { throw ValidationError("--statistics-noise takes 0 to 1") }
        guard statisticsNoise == 0 || shareStatistics else {
            throw ValidationError("--statistics-noise is for what --share-statistics shares: give that, too")
        }
        guard attackScale > 0, attackScale.isFinite else { throw ValidationError("--attack-scale is above 0") }
        _ = try sabotage()
    }

    func run() async throws {
        let terminal = Terminal()
        let models = PersonalModels(in: state)
        let trainer = try EngineTrainer(
            data: WorkerData(
                parsing: data, label: label, schema: schema,
                shard: shard.map { text throws in try WorkerData.Shard(parsing: text) }), threads: threads,
            sabotage: sabotage(),
            keepPersonal: { model in
                do { try models.keep(model) } catch { terminal.print("this worker's own model is not kept: \(error)") }
            })
        let token = try givenToken()
        let lock = try token == nil ? StateLock.ofExisting(directory: state) : StateLock(directory: state)
        defer { withExtendedLifetime(lock) {} }
        try trainer.load()
        let credentials = try await credentials(token, terminal)
        let worker = try Worker(
            Worker.Configuration(
                credentials: credentials, stateDirectory: URL(fileURLWithPath: state), patience: patience,
                keepsRunning: keepRunning, agent: "fedworker \(ProgramVersion.current)", sabotage: sabotage(),
                budget: budget, adversarial: adversarial ? (when.isEmpty ? .always : .measured) : .never,
                sharing: shareStatistics ? StatisticsSharing(noise: statisticsNoise) : nil),
            trainer: trainer, observe: WorkerConsole(terminal).show)
        if exitWithParent { ParentWatch.whenInputEnds { Foundation.exit(ExitStatus.interrupted.rawValue) } }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(
                        service: WorkerService(worker: worker), successTerminationBehavior: .gracefullyShutdownGroup)
                ], gracefulShutdownSignals: [.sigint, .sigterm],
                logger: Logger(label: "fedworker") { _ in SwiftLogNoOpLogHandler() }))
        try await group.run()
    }

    /// The attack that a simulation has this worker make, if any.
    private func sabotage() throws -> Sabotage? {
        guard let attack else { return nil }
        guard let kind = Sabotage.Kind(rawValue: attack) else {
            throw ValidationError(NearestName.unknown("attack", attack, among: Sabotage.Kind.allCases.map(\.rawValue)))
        }
        return Sabotage(kind, scale: attackScale)
    }

    /// The token of the option, of standard input, or of the environment, in this order; nil if there is none.
    private func givenToken() throws -> JoinToken? {
        switch token {
        case "-":
            guard let line = readLine() else {
                throw WorkerError(.usage, "--token - reads the token from standard input, which ended before a line")
            }
            return try JoinToken(text: line)
        case .some(let text): return try JoinToken(text: text)
        case nil:
            guard let text = ProcessInfo.processInfo.environment["FEDWORKER_TOKEN"], !text.isEmpty else { return nil }
            return try JoinToken(text: text)
        }
    }

    private func credentials(_ token: JoinToken?, _ terminal: Terminal) async throws -> WorkerCredentials {
        if WorkerCredentials.exist(in: state) { return try known(token, terminal) }
        guard let token else {
            throw WorkerError(
                .usage,
                "\(state) holds no certificate yet: ask the coordinator for a token ('fedcoord token create') and give "
                    + "it with --token, or name the state directory with --state")
        }
        let credentials = try await Enrolment.enrol(token, into: state)
        terminal.print("enrolled as \(credentials.worker), certificate kept in \(state)")
        return credentials
    }

    /// The credentials in the state directory; a token for the same federation can tell where its coordinator is now.
    private func known(_ token: JoinToken?, _ terminal: Terminal) throws -> WorkerCredentials {
        let credentials = try WorkerCredentials(directory: state)
        guard let token else { return credentials }
        guard token.authority == credentials.authority.fingerprint else {
            throw WorkerError(
                .usage,
                "\(state) belongs to \(credentials.worker) of another federation: give this worker its own directory "
                    + "with --state")
        }
        guard token.coordinator != credentials.coordinator else {
            terminal.print("already enrolled as \(credentials.worker); the token is not needed")
            return credentials
        }
        let moved = try WorkerCredentials(
            key: credentials.key, certificate: credentials.certificate, authority: credentials.authority,
            coordinator: token.coordinator)
        try moved.save(to: state)
        terminal.print(
            "already enrolled as \(moved.worker); the coordinator's address is now \(moved.coordinator), as the token "
                + "says")
        return moved
    }
}

/// The worker as a service that ends when it is told to.
private struct WorkerService: Service {
    let worker: Worker

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await worker.run() }
    }
}
