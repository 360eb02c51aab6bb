// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation
internal import Subprocess
internal import SystemPackage

/// A program that is started and never outlives the task that runs it.
struct ChildProcess: Sendable {
    /// Where its lines go.
    enum Output: Sendable {
        /// To this process's own output, as they are: it may then draw on the terminal.
        case own
        /// Behind a prefix; standard output only if `all`, errors always.
        case prefixed(String, all: Bool)
    }

    /// The path of the program.
    let program: String
    /// What follows the program's name.
    let arguments: [String]
    /// What is added to this process's environment: not for everybody's eyes, as arguments are.
    let environment: [String: String]
    /// Where its lines go.
    let output: Output

    /// Runs the program to its end and returns its exit code, or 128 plus the signal that ended it.
    ///
    /// When the task is cancelled the program is asked to end, and killed after three seconds. Should this process itself
    /// be killed, the program notices that its standard input has ended.
    func run() async throws -> Int32 {
        let status =
            switch output {
            case .own: try await runOnOwnOutput()
            case .prefixed(let prefix, let all): try await runPrefixed(prefix, all: all)
            }
        switch status {
        case .exited(let code): return code
        case .signaled(let signal): return 128 + signal
        }
    }

    private func runOnOwnOutput() async throws -> TerminationStatus {
        try await Subprocess.run(
            .path(FilePath(program)), arguments: Arguments(arguments), environment: inherited,
            platformOptions: Self.options,
            input: .inputWriter, output: .currentStandardOutput, error: .sequence
        ) { execution in
            // Errors end with the program; until then its input stays open.
            for try await line in execution.standardError.strings() { Self.pass(line) }
        }.terminationStatus
    }

    private func runPrefixed(_ prefix: String, all: Bool) async throws -> TerminationStatus {
        try await Subprocess.run(
            .path(FilePath(program)), arguments: Arguments(arguments), environment: inherited,
            platformOptions: Self.options,
            input: .inputWriter, output: .sequence, error: .sequence
        ) { execution in
            try await withThrowingTaskGroup(of: Void.self) { group in
                let output = execution.standardOutput
                let errors = execution.standardError
                group.addTask {
                    for try await line in output.strings() where all { Self.pass(prefix + line) }
                }
                group.addTask {
                    for try await line in errors.strings() { Self.pass(prefix + line) }
                }
                try await group.waitForAll()
            }
        }.terminationStatus
    }

    private var inherited: Environment {
        .inherit.updating(
            Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) }))
    }

    private static var options: PlatformOptions {
        var options = PlatformOptions()
        // An interrupt from the terminal is for this process, which ends its programs in their order.
        options.processGroupID = 0
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(3))]
        return options
    }

    private static func pass(_ line: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
    }
}
