// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedIdentity
import FedModels
import FedStore
import FedTraining
import FedTransport
import FedWorker

@main
struct Fedworker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fedworker",
        abstract: "Trains on this machine's data for a federation, without the data leaving the machine.",
        discussion: """
            Exit codes: 0 done, 2 usage or unusable data, 3 the run failed, 4 the coordinator could not be reached or
            does not let this worker in.
            """,
        version: ProgramVersion.current,
        subcommands: [
            JoinCommand.self, PredictCommand.self, EvaluateCommand.self, DetectorCommand.self, ExportCommand.self,
        ])

    static func main() async {
        TrainingEngine.prepare()
        await Program.run(Fedworker.self, facts: { TrainingEngine.facts }) { error in
            switch error {
            case let error as ProgramFailure: error.status
            case let error as WorkerError where error == WorkerError(.usage, ""): .usage
            case let error as WorkerError where error == WorkerError(.unfitData, ""): .usage
            case let error as WorkerError where error == WorkerError(.state, ""): .usage
            case let error as WorkerError where error == WorkerError(.runFailed, ""): .runFailed
            case is IdentityError, is ModelError, is StoreError, is TrainingError: .usage
            default: .unreachable
            }
        }
    }
}
