// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCoordinator
import FedCore
import FedIdentity
import Foundation

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Join tokens, each good for one worker, once.",
        subcommands: [Create.self, List.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a token and prints the line to paste.")

        @OptionGroup var federation: FederationOptions

        @Option(help: "The name that the worker gets.")
        var name: String

        @Option(help: "How long the token is valid.")
        var hours = 24.0

        func run() async throws {
            let directory = try federation.open()
            let settings = try FederationSettings.listening(in: directory) ?? .load(from: directory)
            guard settings.port != 0, settings.enrolmentPort != 0 else {
                throw ProgramFailure(
                    .usage, "the coordinator takes free ports when it starts: start 'fedcoord serve' first")
            }
            let join: JoinLine
            do {
                join = try JoinLine(directory: directory, settings: settings, name: name, hours: hours)
            } catch let error as CoreError {
                throw ProgramFailure(.usage, "--name: \(error.message)")
            }
            print(join.line)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the tokens, without their secrets.")

        @OptionGroup var federation: FederationOptions

        func run() async throws {
            let tokens = try TokenLedger(directory: federation.open().tokens).tokens()
            if tokens.isEmpty { print("no tokens") }
            for token in tokens {
                let state = token.isUsed ? "used" : token.expires < Date() ? "expired" : "open"
                print("\(token.id.prefix(12))  \(state)  \(token.worker)  until \(token.expires.formatted(.iso8601))")
            }
        }
    }
}
