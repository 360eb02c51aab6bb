// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCoordinator
import FedStore
import Foundation

struct RunStopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stops an unfinished run for good; a coordinator that serves it ends within a second.")

    @OptionGroup var options: RunOptions

    func run() async throws {
        let (directory, store, run) = try await options.find()
        do {
            try await store.setState(.stopped, of: run.id, failure: nil, now: Date())
        } catch {
            guard error == StoreError(.illegalTransition, "") else { throw error }
            let state = try await store.run(run.id)?.state ?? run.state
            throw ProgramFailure(.usage, "run \(run.id) is \(state.rawValue) already: there is nothing to stop")
        }
        StatisticsFiles(in: directory.run(run.id)).removeAll()
        let committed = try await store.recordLinks(of: run.id).count
        print("run \(run.id) is stopped after \(committed) rounds; its last model stays in its checkpoints")
    }
}
