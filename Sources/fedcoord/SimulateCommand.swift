// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCoordinator
import FedCore
import FedSimulation
import FedTraining
import Foundation
import Logging
import ServiceLifecycle

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Carries out a run on this machine, each worker its own process or, for many small ones, all in one.")

    @Argument(help: "The run file (YAML); or use --example.")
    var runFile: String?

    @Option(help: "Use an example that comes with the program.")
    var example: String?

    @Flag(help: "List the examples.")
    var listExamples = false

    @Option(help: "How many workers; the data are divided among them.")
    var workers: Int?

    @Flag(help: "Train all workers in this process, without sockets: for many small ones. The model is the same.")
    var inProcess = false

    @Option(help: "On how many threads workers train altogether; as many as there are cores if not given.")
    var threads: Int?

    @Option(help: ArgumentHelp("Overrides a key of the run file; may be given several times.", valueName: "key=value"))
    var set: [String] = []

    @Option(
        help: ArgumentHelp(
            "Some workers attack: \(Sabotage.Kind.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "kind"))
    var attack: String?

    @Option(help: "Which share of the workers attacks, above 0 and below 1; 0.2 if not given. The seed says who.")
    var attackers: Double?

    @Option(help: "How strong the attack is, in multiples of honest changes; 10 if not given.")
    var attackScale: Float?

    @Option(
        help: ArgumentHelp(
            "What workers can afford to train with split-mix, heterofl, or fedrbn with baseWidth, the first ones the first of these: 1/8,1/4,1/2,1.",
            valueName: "widths"), transform: { try WorkerBudgets(text: $0) })
    var budgets: WorkerBudgets?

    @Option(
        help: ArgumentHelp(
            "Which workers train adversarially with fedrbn, fatavg, fatbn or fatprox: numbers and ranges such as 1-4,9, or all.",
            valueName: "workers"), transform: { try AdversarialWorkers(text: $0) })
    var adversarial: AdversarialWorkers?

    @Flag(help: "Keep each worker's own model, too, in personal/ of the output; where parameters stay with workers.")
    var personalModels = false

    @Option(help: "Where to write a copy of the report (JSON).")
    var report: String?

    @Option(help: "Where everything is kept; a new folder under simulations/ if not given.")
    var output: String?

    @Flag(help: "Show what the workers print, too.")
    var verbose = false

    func validate() throws {
        guard listExamples || (runFile == nil) != (example == nil) else {
            throw ValidationError("give a run file or --example NAME (see --list-examples)")
        }
        if inProcess {
            guard (1...1_000_000).contains(workers ?? 1) else {
                throw ValidationError("--workers takes 1 to 1000000 with --in-process")
            }
            guard !verbose else {
                throw ValidationError("--verbose shows what worker processes print: leave it out with --in-process")
            }
        } else {
            guard !personalModels else {
                throw ValidationError(
                    "--personal-models goes with --in-process; worker processes keep their models themselves")
            }
            guard (1...1000).contains(workers ?? 1) else {
                throw ValidationError("--workers takes 1 to 1000; add --in-process for more")
            }
        }
        guard (1...1024).contains(threads ?? 1) else { throw ValidationError("--threads takes 1 to 1024") }
        try validateAttack()
    }

    private func validateAttack() throws {
        guard let attack else {
            guard attackers == nil, attackScale == nil else {
                throw ValidationError("--attackers and --attack-scale go with --attack")
            }
            return
        }
        guard let kind = Sabotage.Kind(rawValue: attack) else {
            throw ValidationError(
                NearestName.unknown("attack", attack, among: Sabotage.Kind.allCases.map(\.rawValue)))
        }
        let share = attackers ?? 0.2
        guard share > 0, share < 1 else { throw ValidationError("--attackers is above 0 and below 1") }
        guard let attackScale else { return }
        guard kind.hasScale else { throw ValidationError("--attack \(attack) has no scale: leave --attack-scale out") }
        guard attackScale > 0, attackScale.isFinite else { throw ValidationError("--attack-scale is above 0") }
    }

    func run() async throws {
        if listExamples {
            for example in Example.all { print("\(example.name)  \(example.summary)") }
            return
        }
        let (config, count) = try resolved()
        try checkBudgets(for: config)
        try checkAdversarial(for: config, workers: count)
        guard !personalModels || !config.ownRoles.isEmpty else {
            throw ProgramFailure(
                .usage,
                "--personal-models: with strategy \(config.strategy.name) all parameters travel, and there is one model"
            )
        }
        if let report { try OutputFile.check(report, apartFrom: [runFile].compactMap { $0 }) }
        let output = URL(fileURLWithPath: try outputFolder(for: config))
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(
                        service: SimulationService(work: try work(config, workers: count, output), report: report),
                        successTerminationBehavior: .gracefullyShutdownGroup)
                ], gracefulShutdownSignals: [.sigint, .sigterm],
                logger: Logger(label: "fedcoord") { _ in SwiftLogNoOpLogHandler() }))
        try await group.run()
    }

    /// What carries the simulation out and returns where its report lies.
    private func work(
        _ config: RunConfig, workers: Int, _ output: URL
    ) throws -> @Sendable () async throws -> URL {
        // What is wrong with data, model or partition is better said before any process or thread starts.
        let split = try DatasetRegistry.load(config.data.source)
        let model = try CentralModel.engine(for: config, workers: workers, split: split)
        let attackers = attackersAmong(workers, seed: config.seed)
        let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
        let terminal = Terminal()
        guard inProcess else {
            let simulation = Simulation(
                config: config, workers: workers, output: output, programs: try Programs.besideThisOne(),
                threadsPerWorker: max(1, threads / workers), attackers: attackers, budgets: budgets,
                adversarial: adversarial,
                showsWorkers: verbose)
            terminal.print(
                "simulating \(workers) workers, each a process that trains on \(named(simulation.threadsPerWorker))")
            tell(attackers, terminal)
            return { try await simulation.run() }
        }
        let simulation = try InProcessSimulation(
            config: config, workers: workers, threads: min(workers, threads), model: model, train: split.train,
            test: split.test, output: output, attackers: attackers, budgets: budgets, adversarial: adversarial,
            keepsPersonalModels: personalModels, observe: RunConsole(terminal).show)
        terminal.print("simulating \(workers) workers in this process, which trains on \(named(min(workers, threads)))")
        tell(attackers, terminal)
        tellAdversarial(config, among: workers, terminal)
        return {
            let outcome = try await simulation.run()
            terminal.print(
                "  speed     \(Int(outcome.clientsPerSecond.rounded())) workers trained a second, "
                    + "\(Int(outcome.clientsPerProcessorSecond.rounded())) a CPU-second")
            return outcome.reportFile
        }
    }

    private func checkBudgets(for config: RunConfig) throws {
        guard let budgets else { return }
        guard let narrowest = config.strategy.narrowest else {
            throw ProgramFailure(
                .usage,
                "--budgets goes with strategy split-mix, heterofl, or fedrbn with baseWidth; this run trains whole models"
            )
        }
        for level in budgets.levels where level < narrowest {
            throw ProgramFailure(.usage, "--budgets: \(level) does not afford one network of width \(narrowest)")
        }
    }

    private func checkAdversarial(for config: RunConfig, workers: Int) throws {
        guard let adversarial else { return }
        guard config.strategy.trainsSomeAdversarially else {
            throw ProgramFailure(
                .usage,
                "--adversarial goes with strategy fedrbn, fatavg, fatbn or fatprox; with \(config.strategy.name) all workers train "
                    + "alike, adversarially if training.objective says so")
        }
        guard adversarial.largest <= workers else {
            throw ProgramFailure(.usage, "--adversarial names worker \(adversarial.largest), and there are \(workers)")
        }
    }

    private func attackersAmong(_ workers: Int, seed: UInt64) -> Attackers? {
        attack.flatMap(Sabotage.Kind.init(rawValue:)).map {
            Attackers(Sabotage($0, scale: attackScale ?? 10), share: attackers ?? 0.2, of: workers, seed: seed)
        }
    }

    private func tell(_ attackers: Attackers?, _ terminal: Terminal) {
        guard let report = attackers?.report else { return }
        let strength = report.scale.map { " ×\($0)" } ?? ""
        let names =
            report.attackers.count > 10 ? "\(report.attackers.count) workers" : report.attackers.joined(separator: ", ")
        terminal.print("attack \(report.kind)\(strength) by \(names)")
    }

    private func tellAdversarial(_ config: RunConfig, among workers: Int, _ terminal: Terminal) {
        guard config.strategy.trainsSomeAdversarially else { return }
        let count = adversarial.map { adversarial in (1...workers).count { adversarial.contains($0) } } ?? 0
        terminal.print(
            count == 0
                ? "no worker trains adversarially: name some with --adversarial"
                : "\(count) of \(workers) workers train adversarially")
    }

    private func named(_ threads: Int) -> String { threads == 1 ? "1 thread" : "\(threads) threads" }

    private func resolved() throws -> (RunConfig, Int) {
        let config: RunConfig
        var count = workers ?? 4
        if let example {
            guard let known = Example.all.first(where: { $0.name == example }) else {
                throw ProgramFailure(
                    .usage, NearestName.unknown("example", example, among: Example.all.map(\.name)))
            }
            count = workers ?? known.workers
            config = try RunFile.parse(known.text, overrides: set)
        } else {
            config = try RunFile.load(URL(fileURLWithPath: runFile ?? ""), overrides: set)
        }
        var adapted = config
        adapted.cohort.minimumWorkers = count
        return (try adapted.validated(for: CentralModel.vocabulary), count)
    }

    private func outputFolder(for config: RunConfig) throws -> String {
        if let output {
            let entries = (try? FileManager.default.contentsOfDirectory(atPath: output)) ?? []
            guard entries.isEmpty else {
                throw ProgramFailure(.usage, "\(output) is not empty: choose another folder for --output")
            }
            return output
        }
        var number = 1
        while FileManager.default.fileExists(atPath: "simulations/\(config.name)-\(number)") { number += 1 }
        return "simulations/\(config.name)-\(number)"
    }
}

/// The simulation as a service that ends all of its processes and threads when it is told to.
private struct SimulationService: Service {
    let work: @Sendable () async throws -> URL
    let report: String?

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            let reportFile = try await work()
            print("  report    \(reportFile.path)")
            guard let report else { return }
            try OutputFile.write(Data(contentsOf: reportFile), to: report)
        }
    }
}
