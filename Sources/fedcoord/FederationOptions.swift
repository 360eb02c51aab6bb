import ArgumentParser
import FedCommandLine
import FedCoordinator
import FedIdentity
import Foundation

/// The option that names a federation's directory.
struct FederationOptions: ParsableArguments {
    @Option(help: "The federation's directory, as 'fedcoord init' made it.")
    var directory: String

    /// Opens the directory; throws `IdentityError`.
    func open() throws -> FederationDirectory { try FederationDirectory.open(directory) }
}

/// The arguments that name a run file and override its keys.
struct RunFileOptions: ParsableArguments {
    @Argument(help: "The run file (YAML).")
    var runFile: String

    @Option(help: ArgumentHelp("Overrides a key of the run file; may be given several times.", valueName: "key=value"))
    var set: [String] = []

    /// Reads, overrides and checks; throws `ConfigurationError`.
    func load() throws -> RunConfig {
        try RunFile.load(URL(fileURLWithPath: runFile), overrides: set).validated(for: CentralModel.vocabulary)
    }
}

/// How `list` and `show` print.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}
