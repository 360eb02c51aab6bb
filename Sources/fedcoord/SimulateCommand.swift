// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCoordinator
import FedCore
import FedSimulation
import Foundation
import Logging
import ServiceLifecycle

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Carries out a run on this machine: one coordinator and several workers, each its own process.")

    @Argument(help: "The run file (YAML); or use --example.")
    var runFile: String?

    @Option(help: "Use an example that comes with the program.")
    var example: String?

    @Flag(help: "List the examples.")
    var listExamples = false

    @Option(help: "How many workers; the data are divided among them.")
    var workers: Int?

    @Option(help: ArgumentHelp("Overrides a key of the run file; may be given several times.", valueName: "key=value"))
    var set: [String] = []

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
        guard (1...1000).contains(workers ?? 1) else { throw ValidationError("--workers takes 1 to 1000") }
    }

    func run() async throws {
        if listExamples {
            for example in Example.all { print("\(example.name)  \(example.summary)") }
            return
        }
        let (config, count) = try resolved()
        if let report { try OutputFile.check(report) }
        // What is wrong with data, model or partition is better said before any process starts.
        _ = try CentralModel.engine(for: config, workers: count)
        let simulation = Simulation(
            config: config, workers: count, output: URL(fileURLWithPath: try outputFolder(for: config)),
            programs: try Programs.besideThisOne(), showsWorkers: verbose)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(
                        service: SimulationService(simulation: simulation, report: report),
                        successTerminationBehavior: .gracefullyShutdownGroup)
                ], gracefulShutdownSignals: [.sigint, .sigterm],
                logger: Logger(label: "fedcoord") { _ in SwiftLogNoOpLogHandler() }))
        try await group.run()
    }

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

/// The simulation as a service that ends all of its processes when it is told to.
private struct SimulationService: Service {
    let simulation: Simulation
    let report: String?

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            let reportFile = try await simulation.run()
            print("  report    \(reportFile.path)")
            guard let report else { return }
            try OutputFile.write(Data(contentsOf: reportFile), to: report)
        }
    }
}
