// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

/// Where the two programs lie.
public struct Programs: Hashable, Sendable {
    /// The path of `fedcoord`.
    public var coordinator: String
    /// The path of `fedworker`.
    public var worker: String

    /// Names both programs.
    public init(coordinator: String, worker: String) {
        self.coordinator = coordinator
        self.worker = worker
    }

    /// This program as the coordinator, and the worker beside it.
    ///
    /// Throws `SimulationError.setUp` when there is no worker beside it.
    public static func besideThisOne() throws(SimulationError) -> Programs {
        let own = Bundle.main.executableURL?.resolvingSymlinksInPath() ?? URL(fileURLWithPath: CommandLine.arguments[0])
        let worker = own.deletingLastPathComponent().appendingPathComponent("fedworker").path
        guard FileManager.default.isExecutableFile(atPath: worker) else {
            throw SimulationError(
                .setUp, "there is no program fedworker beside \(own.path): build it with 'make build'")
        }
        return Programs(coordinator: own.path, worker: worker)
    }
}
