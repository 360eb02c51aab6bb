// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCodecs
import FedCommandLine
import FedCoordinator
import FedCore
import Glibc

struct CodecCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "codec",
        abstract: "How updates become bytes: which codecs there are, and what they make of a model.",
        subcommands: [List.self, Bench.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the codecs and their options.")

        func run() async throws {
            let guides = CodecGuide.all
            let table = TextTable([
                .init("codec", isNumber: false, cells: guides.map(\.codec.rawValue)),
                .init("what for", isNumber: false, cells: guides.map(\.purpose)),
            ])
            var lines: [String] = []
            for (line, guide) in zip(table.lines.dropFirst(), guides) {
                let options = CodecRegistry.options(of: guide.codec)
                lines.append(line)
                if !options.isEmpty { lines.append("    " + options.joined(separator: ", ")) }
            }
            lines.append("presets, which set training.steps as well where a run file sets neither steps nor epochs")
            for preset in CodecSpec.presets {
                lines.append("    \(preset.name): sbc, density \(preset.density), steps \(preset.steps)")
            }
            print(lines.joined(separator: "\n"))
        }
    }

    struct Bench: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Measures codecs on an update of a model: bytes, speed, error.",
            discussion: """
                The update is made of normal numbers, with a deviation for each tensor, or is what lies between two models: \
                --from and --to. Error is the length of what a codec loses over the length of the update. Codecs with \
                error feedback send later what they lose now.

                Examples: fedcoord codec bench lenet
                          fedcoord codec bench 25M --codec ternary --codec sbc:density=0.001
                          fedcoord codec bench --from before.safetensors --to after.safetensors
                """)

        @Argument(help: "An architecture such as lenet, a run file, a .safetensors file, or a number such as 1M.")
        var model: String?

        @Option(
            help: ArgumentHelp(
                "A codec, with options divided by colons; may be given several times. Without it: all codecs.",
                valueName: "name[:key=value…]"))
        var codec: [String] = []

        @Option(help: ArgumentHelp("An option of the codecs named by --codec.", valueName: "key=value"))
        var set: [String] = []

        @Option(help: ArgumentHelp("The model before the change, a .safetensors file.", valueName: "file"))
        var from: String?

        @Option(help: ArgumentHelp("The model after the change, a .safetensors file.", valueName: "file"))
        var to: String?

        @Option(help: "The examples of an architecture: rows, columns and channels.")
        var input: String?

        @Option(help: "The classes of an architecture, 10 if not given.")
        var classes: Int?

        @Option(help: "The seed of the update and of what codecs draw at random.")
        var seed: UInt64 = 1

        @Option(help: "How often each codec is measured, in turn with the others; medians are printed.")
        var rounds = 3

        @Flag(help: "Print JSON.")
        var json = false

        func validate() throws {
            guard (model == nil) != (from == nil), (from == nil) == (to == nil) else {
                throw ValidationError("name a model, or two files with --from and --to")
            }
            guard from == nil || (input == nil && classes == nil) else {
                throw ValidationError("--input and --classes are for an architecture by name: leave them out")
            }
            guard set.isEmpty || !codec.isEmpty else {
                throw ValidationError(
                    "--set is for the codecs that --codec names, as in --codec sbc --set density=0.01")
            }
            guard (1...1000).contains(rounds) else { throw ValidationError("--rounds takes 1 to 1000") }
        }

        func run() async throws {
            var specs: [CodecSpec] = []
            var presets: [CodecSpec.Preset?] = []
            for text in codec {
                let spec = try RunFile.codec(text, settings: set)
                guard spec.errorFeedback == nil, spec.momentumMasking == nil else {
                    throw ProgramFailure(
                        .usage,
                        "\(text): errorFeedback and momentumMasking work from update to update, and one is measured: leave them out"
                    )
                }
                _ = try CodecRegistry.codec(spec)
                specs.append(spec)
                presets.append(CodecSpec.presets.first { $0.name == text.prefix(while: { $0 != ":" }) })
            }
            let subject: MeasuredUpdate
            if let from, let to {
                subject = try MeasuredUpdate(from: from, to: to)
            } else {
                subject = try MeasuredUpdate(of: model ?? "", input: input, classes: classes, seed: seed)
            }
            if specs.isEmpty { specs = subject.uplink.map { [$0] } ?? [] }
            if codec.isEmpty {
                let first = specs.first
                specs += CodecGuide.all.flatMap(\.variants).filter {
                    $0.codec != first?.codec || $0.optionsInForce != first?.optionsInForce
                }
            }
            presets += Array(repeating: nil, count: specs.count - presets.count)
            let benchmark = try CodecBenchmark(
                specs, on: subject.update, rounds: rounds, seconds: 0.02, seed: seed, now: { Self.processorSeconds })
            let report = CodecReport(subject: subject, benchmark: benchmark, rounds: rounds, presets: presets)
            print(Terminal.printable(json ? try report.json() : report.text))
        }

        /// CPU time of this process so far: what others do on the machine does not count.
        private static var processorSeconds: Double {
            var time = timespec()
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
        }
    }
}
