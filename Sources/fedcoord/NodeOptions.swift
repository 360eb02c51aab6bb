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

    /// What is to be said where no such worker has enrolled: whoever mistypes a name should not believe a worker locked out.
    func warnWhereUnknown(_ worker: WorkerID, in directory: FederationDirectory) throws {
        let known = try EnrolmentAuthority(directory: directory).enrolledWorkers().map(\.worker.rawValue)
        guard !known.contains(worker.rawValue) else { return }
        let guess = NearestName.suggestion(for: worker.rawValue, among: known).map { "; did you mean \($0)?" } ?? ""
        Program.write("warning: no worker \(worker) has enrolled\(guess)")
    }

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
