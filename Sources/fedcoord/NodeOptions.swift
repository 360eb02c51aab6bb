// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCore
import FedIdentity

/// The arguments that name a worker of a federation.
struct NodeOptions: ParsableArguments {
    @OptionGroup var federation: FederationOptions

    @Argument(help: "The worker's name.")
    var name: String

    /// Opens the federation and reads the name; throws `ProgramFailure` for one that no worker can have.
    func open() throws -> (directory: FederationDirectory, worker: WorkerID) {
        let directory = try federation.open()
        do {
            return (directory, try WorkerID(name))
        } catch {
            throw ProgramFailure(.usage, error.message)
        }
    }
}
