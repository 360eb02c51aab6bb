// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import FedIdentity
import Foundation

/// Many workers in one process, none of which trains: what is left is what a coordinator spends on being connected.
@main
struct LoadBenchmark {
    private static let usage = """
        usage: load DIRECTORY WORKERS PARAMETERS SAMPLES

        Connects WORKERS workers to the coordinator that serves the federation in DIRECTORY, and answers each assignment with
        an update of PARAMETERS zeros in dense float32, until the run has ended. The last worker joins once the memory of
        all others was measured. Prints JSON: seconds to connect, the coordinator's memory before, after, and at every
        SAMPLES-th round, in bytes.

        """

    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let numbers = arguments.dropFirst().compactMap(Int.init)
        guard arguments.count == 4, numbers.count == 3, numbers.allSatisfy({ $0 > 0 }) else {
            FileHandle.standardError.write(Data(usage.utf8))
            exit(2)
        }
        let directory = try FederationDirectory.open(arguments[0])
        let layout = try ModelLayout([ParameterSpec(name: "weight", shape: [numbers[1]], role: .weight)])
        let update = try CodecRegistry.codec(CodecID("dense-float32"))
            .encode(ParameterVector(zeros: layout), generator: SeededGenerator(key: 0))
        let crowd = try Crowd(
            count: numbers[0], in: directory, update: update,
            coordinator: CoordinatorProcess(directory: directory.path),
            samplesEvery: numbers[2])
        let measured = try await crowd.run()
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        print(String(decoding: try encoder.encode(measured), as: UTF8.self))
    }
}
