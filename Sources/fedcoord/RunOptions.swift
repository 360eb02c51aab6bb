// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCore
import FedIdentity
import FedStore

/// The arguments that name a run of a federation.
struct RunOptions: ParsableArguments {
    @OptionGroup var federation: FederationOptions

    @Argument(help: "The run, as 'fedcoord run list' names it.")
    var run: String

    /// Finds the run; throws `ProgramFailure` that names the runs that there are.
    func find() async throws -> (directory: FederationDirectory, store: SQLiteRunStore, run: StoredRun) {
        try await federation.find(run)
    }
}

extension FederationOptions {
    /// Finds a run; throws `ProgramFailure` that names the runs that there are.
    func find(_ run: String) async throws -> (directory: FederationDirectory, store: SQLiteRunStore, run: StoredRun) {
        let directory = try open()
        let store = try SQLiteRunStore(directory: directory.path)
        guard let id = try? RunID(run), let stored = try await store.run(id) else {
            let known = try await store.runs().map(\.id.rawValue)
            throw ProgramFailure(.usage, NearestName.unknown("run", run, among: known))
        }
        return (directory, store, stored)
    }
}
