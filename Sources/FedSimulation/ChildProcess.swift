internal import Foundation
internal import Subprocess
internal import SystemPackage

/// A program that is started, whose lines are passed on, and that never outlives the task that runs it.
struct ChildProcess: Sendable {
    /// The path of the program.
    let program: String
    /// What follows the program's name.
    let arguments: [String]
    /// Put in front of each of its lines.
    let prefix: String
    /// Whether its standard output is passed on; its errors always are.
    var showsOutput = true

    /// Runs the program to its end and returns its exit code, or 128 plus the signal that ended it.
    ///
    /// When the task is cancelled the program is asked to end, and killed after three seconds. Should this process itself
    /// be killed, the program notices that its standard input has ended.
    func run() async throws -> Int32 {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(3))]
        let result = try await Subprocess.run(
            .path(FilePath(program)), arguments: Arguments(arguments), platformOptions: options, input: .inputWriter,
            output: .sequence, error: .sequence
        ) { execution in
            try await withThrowingTaskGroup(of: Void.self) { group in
                let output = execution.standardOutput
                let errors = execution.standardError
                group.addTask {
                    for try await line in output.strings() where showsOutput { pass(line) }
                }
                group.addTask {
                    for try await line in errors.strings() { pass(line) }
                }
                try await group.waitForAll()
            }
        }
        switch result.terminationStatus {
        case .exited(let code): return code
        case .signaled(let signal): return 128 + signal
        }
    }

    private func pass(_ line: String) {
        FileHandle.standardOutput.write(Data((prefix + line + "\n").utf8))
    }
}
