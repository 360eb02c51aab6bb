// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCore
import FedIdentity
import FedStore
import Foundation

struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node", abstract: "The workers that have enrolled.",
        subcommands: [List.self, NodeShowCommand.self, Revoke.self, Quarantine.self, Release.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists enrolled workers and their certificates.")

        @OptionGroup var federation: FederationOptions

        func run() async throws {
            let directory = try federation.open()
            let revocations = RevocationList(file: directory.revoked)
            let enrolled = try EnrolmentAuthority(directory: directory).enrolledWorkers()
            let aside = Set(try await SQLiteRunStore(directory: directory.path).quarantined().map(\.worker))
            if enrolled.isEmpty { print("no worker has enrolled yet: fedcoord token create") }
            for (worker, certificate) in enrolled {
                let isRevoked = try revocations.contains(PeerIdentity(certificate))
                let state = isRevoked ? "revoked" : aside.contains(worker) ? "quarantined" : "admitted"
                print(
                    "\(worker)  \(state)  serial \(certificate.serial)  until "
                        + certificate.notValidAfter.formatted(.iso8601))
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets a worker in no more; a running coordinator ends its connection within seconds.")

        @OptionGroup var node: NodeOptions

        @Option(help: "Why, for the record.")
        var reason = ""

        func run() async throws {
            let (directory, worker) = try node.open()
            try RevocationList(file: directory.revoked).revoke(worker, reason: reason)
            try node.warnWhereUnknown(worker, in: directory)
            print("revoked \(worker); to let it in again take its line out of \(directory.revoked)")
        }
    }

    struct Quarantine: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets a worker take no part until it is released; it keeps trying to come back.")

        @OptionGroup var node: NodeOptions

        @Option(help: "Why; the worker is told.")
        var reason = "the federation's operator put it there"

        func run() async throws {
            let (directory, worker) = try node.open()
            try await SQLiteRunStore(directory: directory.path).quarantine(
                worker, reason: String(reason.prefix(500)), now: Date())
            try node.warnWhereUnknown(worker, in: directory)
            print("\(worker) is in quarantine; to end that: fedcoord node release \(worker)")
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Takes a worker out of quarantine.")

        @OptionGroup var node: NodeOptions

        func run() async throws {
            let (directory, worker) = try node.open()
            guard try await SQLiteRunStore(directory: directory.path).release(worker) else {
                throw ProgramFailure(.usage, "\(worker) is not in quarantine: see fedcoord node list")
            }
            print("\(worker) is released and may take part again")
        }
    }
}
