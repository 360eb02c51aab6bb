// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCodecs
import FedCommandLine
import FedCoordinator
import FedIdentity
import FedModels
import FedSimulation
import FedStore
import FedTraining
import FedTransport

@main
struct Fedcoord: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fedcoord",
        abstract: "Coordinates workers that train one model together without moving their data.",
        discussion: """
            Exit codes: 0 done, 2 usage or a run file or data that cannot be used, 3 the run failed or was stopped, 4 an address could not
            be reached or listened at.
            """,
        version: ProgramVersion.current,
        subcommands: [
            InitCommand.self, ServeCommand.self, TokenCommand.self, NodeCommand.self, RunCommand.self,
            ModelCommand.self, CheckCommand.self, DataCommand.self, CodecCommand.self, SimulateCommand.self,
        ])

    static func main() async {
        TrainingEngine.prepare()
        await Program.run(Fedcoord.self, facts: { TrainingEngine.facts }) { error in
            switch error {
            case let error as ProgramFailure: error.status
            case is CodecError, is ConfigurationError, is IdentityError, is ModelError, is TrainingError: .usage
            case is StoreError: .usage
            case is TransportError: .unreachable
            case let error as SimulationError where error == SimulationError(.setUp, ""): .usage
            case let error as SimulationError: error.exitCode.flatMap { ExitStatus(rawValue: $0) } ?? .runFailed
            default: .runFailed
            }
        }
    }
}
