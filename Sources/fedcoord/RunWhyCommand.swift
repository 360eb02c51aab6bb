// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCoordinator
import FedCore
import FedStore
import Foundation

struct RunWhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Says what a run waits for, since when, and what happens next.")

    @OptionGroup var federation: FederationOptions

    @Argument(help: "The run, as 'fedcoord run list' names it.")
    var run: String

    @Option(help: "How to print: text or json.")
    var format = OutputFormat.text

    func run() async throws {
        let directory = try federation.open()
        let store = try SQLiteRunStore(directory: directory.path)
        guard let id = try? RunID(run), let stored = try await store.run(id) else {
            let known = try await store.runs().map(\.id.rawValue)
            throw ProgramFailure(.usage, NearestName.unknown("run", run, among: known))
        }
        let isServed = !stored.state.isFinal && FederationSettings.listening(in: directory) != nil
        let status = isServed ? RunStatus.load(from: URL(fileURLWithPath: directory.run(id))) : nil
        let answer = RunWhy(
            stored, rounds: try await store.rounds(of: id), status: status, isServed: isServed, now: Date())
        switch format {
        case .text: print(answer.text)
        case .json: print(try answer.json())
        }
    }
}
