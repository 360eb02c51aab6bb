// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import FoundationEssentials
import Glibc

/// Measures whole training steps through the engine's public interface.
@main
struct TrainingBenchmark {
    private static let usage = """
        usage: training-benchmark [--list] [--json] [--seconds S] [CASE...]

        Prints images per CPU-second of whole training steps, for the named cases or for all.

          --list       print the names of the cases
          --json       print one JSON object instead of a table
          --seconds S  measure each case for so many CPU-seconds (default 2)
        """

    private var json = false
    private var seconds = 2.0
    private var cases: [TrainingCase]

    static func main() throws {
        var arguments = Array(CommandLine.arguments.dropFirst())
        guard !arguments.contains("--list") else {
            for one in try TrainingCase.all() { print(one.name) }
            return
        }
        guard let benchmark = try TrainingBenchmark(&arguments) else {
            _ = (usage + "\n").withCString { write(STDERR_FILENO, $0, strlen($0)) }
            exit(2)
        }
        try benchmark.run()
    }

    /// Reads the command line; nil if it breaks the rules of `usage`.
    private init?(_ arguments: inout [String]) throws {
        cases = try TrainingCase.all()
        var names: [String] = []
        while let argument = arguments.first {
            arguments.removeFirst()
            switch argument {
            case "--json": json = true
            case "--seconds":
                guard let value = arguments.first.flatMap(Double.init), value > 0, value.isFinite else { return nil }
                arguments.removeFirst()
                seconds = value
            default:
                guard cases.contains(where: { $0.name == argument }) else { return nil }
                names.append(argument)
            }
        }
        if !names.isEmpty { cases = cases.filter { names.contains($0.name) } }
    }

    private func run() throws {
        // A first network makes the engine load and set up OpenBLAS, which the machine's report then looks at.
        _ = try ModelZoo.makeNetwork(
            ModelSpec(architecture: "mlp"), input: InputShape(channels: 1, height: 1, width: 1), classes: 2,
            maximumBatch: 1)
        let machine = Machine.current()
        if !json {
            print("\(machine.processor); OpenBLAS for \(machine.openBLASCore), threads: \(machine.openBLASThreads)")
            print("SGEMM of 1024x1024 matrices: \(Int(machine.sgemmGigaflops.rounded())) GFLOP/s")
        }
        var figures: [TrainingReport.Figure] = []
        for one in cases {
            let rate = try one.imagesPerSecond(seconds: seconds)
            figures.append(TrainingReport.Figure(name: one.name, imagesPerSecond: rate))
            if !json {
                print("\(one.name): " + "\(Int(rate.rounded())) images per CPU-second")
            }
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            let report = try encoder.encode(TrainingReport(machine: machine, figures: figures))
            print(String(decoding: report, as: UTF8.self))
        }
    }
}
