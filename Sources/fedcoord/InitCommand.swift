// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCoordinator
import FedIdentity
import Foundation

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Makes a federation: certificate authority, coordinator certificate, example run file.")

    @Argument(help: "The directory to make; it must not exist or be empty.")
    var directory: String

    @Option(
        help: ArgumentHelp(
            "A name or address that workers reach this machine by; may be given several times, the first one goes into "
                + "tokens.", valueName: "name"))
    var host: [String] = []

    @Option(help: "The port for workers.")
    var port = 7400

    @Option(help: "The port for workers that enrol.")
    var enrolmentPort = 7401

    @Option(help: "The address to listen at.")
    var listen = "0.0.0.0"

    func validate() throws {
        for (name, port) in [("--port", port), ("--enrolment-port", enrolmentPort)] {
            guard (0...65535).contains(port) else {
                throw ValidationError("\(name) takes 1 to 65535, or 0 for any that is free, not \(port)")
            }
        }
        guard port != enrolmentPort || port == 0 else {
            throw ValidationError("--port and --enrolment-port are two doors: give them different ports")
        }
        guard listen == "localhost" || (try? ServiceAddress(host: listen, port: 1))?.isIPAddress == true else {
            throw ValidationError("--listen takes an address of this machine, such as 0.0.0.0 for all or 127.0.0.1")
        }
    }

    func run() async throws {
        let machine = ProcessInfo.processInfo.hostName
        let settings = FederationSettings(
            host: host.first ?? machine, port: port, enrolmentPort: enrolmentPort, listen: listen)
        let names = host + [machine, "localhost", "127.0.0.1", "::1"]
        let federation = try FederationDirectory.create(directory, hosts: Self.unique(names), now: Date())
        try settings.save(to: federation)
        let runFile = federation.path + "/run.yaml"
        do {
            try Example.digits.text.write(toFile: runFile, atomically: true, encoding: .utf8)
        } catch {
            throw ProgramFailure(.usage, "cannot write \(runFile): check permissions and free space")
        }
        print(
            """
            made the federation \(federation.path) for \(settings.host)
              next: fedcoord serve --directory \(federation.path) \(runFile)
              keep \(federation.authority)/ca.key to yourself: whoever has it can let workers in
            """)
    }

    private static func unique(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}
