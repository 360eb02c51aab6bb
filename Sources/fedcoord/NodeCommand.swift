// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCore
import FedIdentity
import Foundation

struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node", abstract: "The workers that have enrolled.", subcommands: [List.self, Revoke.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists enrolled workers and their certificates.")

        @OptionGroup var federation: FederationOptions

        func run() async throws {
            let directory = try federation.open()
            let revocations = RevocationList(file: directory.revoked)
            let enrolled = try EnrolmentAuthority(directory: directory).enrolledWorkers()
            if enrolled.isEmpty { print("no worker has enrolled yet: fedcoord token create") }
            for (worker, certificate) in enrolled {
                let state = try revocations.contains(PeerIdentity(certificate)) ? "revoked" : "admitted"
                print(
                    "\(worker)  \(state)  serial \(certificate.serial)  until "
                        + certificate.notValidAfter.formatted(.iso8601))
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets a worker in no more; a running coordinator ends its connection within seconds.")

        @OptionGroup var federation: FederationOptions

        @Argument(help: "The worker's name.")
        var name: String

        @Option(help: "Why, for the record.")
        var reason = ""

        func run() async throws {
            let directory = try federation.open()
            let worker: WorkerID
            do {
                worker = try WorkerID(name)
            } catch {
                throw ProgramFailure(.usage, error.message)
            }
            try RevocationList(file: directory.revoked).revoke(worker, reason: reason)
            print("revoked \(worker); to let it in again take its line out of \(directory.revoked)")
        }
    }
}
