// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import ArgumentParser
internal import Foundation

/// Runs a command line and ends the process with one of the documented exit codes.
public enum Program {
    /// Parses the process's arguments as `Command`, runs it, and exits.
    ///
    /// Errors are printed as one sentence on standard error; `classify` says which exit code an error has. `facts` is what
    /// `--version --verbose` prints below the version.
    public static func run<Command: AsyncParsableCommand>(
        _ command: Command.Type, facts: @Sendable () -> [String] = { [] }, classify: @Sendable (any Error) -> ExitStatus
    ) async -> Never {
        if Set(CommandLine.arguments.dropFirst()) == ["--version", "--verbose"] {
            print(([Command.configuration.version] + facts()).joined(separator: "\n"))
            exit(ExitStatus.done.rawValue)
        }
        // A peer or a pipe that goes away is an error of one call, not the end of the program.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try Command.parseAsRoot(Arguments.joiningNegativeNumbers(CommandLine.arguments.dropFirst()))
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            exit(ExitStatus.done.rawValue)
        } catch {
            let code = Command.exitCode(for: error)
            if code.isSuccess {
                print(Command.fullMessage(for: error))
                exit(ExitStatus.done.rawValue)
            }
            if code == .validationFailure {
                write(Command.fullMessage(for: error))
                exit(ExitStatus.usage.rawValue)
            }
            if error is CancellationError { exit(ExitStatus.interrupted.rawValue) }
            write("\(Command._commandName): \(error)")
            exit(classify(error).rawValue)
        }
    }

    /// Prints text and a line end on standard error; a closed pipe is not an error.
    public static func write(_ line: String) {
        try? FileHandle.standardError.write(contentsOf: Data((Terminal.printable(line) + "\n").utf8))
    }
}
