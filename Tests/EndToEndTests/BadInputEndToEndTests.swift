// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Foundation
import Testing

/// What a user sees who gets something wrong: one sentence that says what to do, and the documented exit code.
@Suite(.timeLimit(.minutes(2))) struct BadInputEndToEndTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        var program = "fedcoord"
        let arguments: [String]
        let code: Int32
        let says: String
        var testDescription: String { ([program] + arguments).joined(separator: " ") }
    }

    @Test(arguments: [
        Mistake(
            arguments: ["simulate", "/nonexistent.yaml"], code: 2, says: "cannot read the run file /nonexistent.yaml"),
        Mistake(arguments: ["simulate"], code: 2, says: "--example"),
        Mistake(arguments: ["simulate", "--example", "digitz"], code: 2, says: "did you mean digits?"),
        Mistake(arguments: ["simulate", "--example", "digits", "--set", "round=3"], code: 2, says: "rounds"),
        Mistake(arguments: ["simulate", "--example", "digits", "--set", "rounds=-3"], code: 2, says: "rounds"),
        Mistake(arguments: ["simulate", "--example", "digits", "--workers", "0"], code: 2, says: "--workers"),
        Mistake(arguments: ["simulate", "--example", "digits", "--output", "/proc/x"], code: 2, says: "/proc/x"),
        Mistake(
            arguments: ["simulate", "--example", "digits", "--workers", "1001"], code: 2, says: "add --in-process"),
        Mistake(
            arguments: ["simulate", "--example", "digits", "--threads", "0"], code: 2, says: "--threads takes 1 to 1024"
        ),
        Mistake(
            arguments: ["simulate", "--example", "digits", "--in-process", "--threads", "0"], code: 2,
            says: "--threads takes 1 to 1024"),
        Mistake(
            arguments: ["simulate", "--example", "digits", "--in-process", "--verbose"], code: 2,
            says: "leave it out with --in-process"),
        Mistake(
            arguments: ["simulate", "--example", "digits", "--in-process", "--workers", "5000"], code: 2,
            says: "cannot be divided among 5000 workers"),
        Mistake(
            arguments: ["simulate", "--example", "digits", "--in-process", "--output", "/proc/x"], code: 2,
            says: "/proc/x"),
        Mistake(
            arguments: [
                "simulate", "--example", "digits", "--in-process", "--set", "rounds=2", "--set",
                "training.optimizer.learningRate=1e30", "--output",
                "\(NSTemporaryDirectory())/fedcoord-diverging-\(UUID())",
            ], code: 3, says: "updates it needs"),
        Mistake(
            arguments: ["simulate", "--example", "digits", "--in-process", "--report", ""], code: 2, says: "is empty"),
        Mistake(
            arguments: ["simulate", "--example", "digits", "--in-process", "--report", "/nonexistent/x.json"], code: 2,
            says: "the folder /nonexistent does not exist: make it"),
        Mistake(
            arguments: ["simulate", "--example", "digits", "--in-process", "--report", "/tmp"], code: 2,
            says: "/tmp: it is a folder"),
        Mistake(
            arguments: ["simulate", "--example", "digits", "--in-process", "--report", "/proc/x"], code: 2,
            says: "cannot write /proc/x"),
        Mistake(arguments: ["serve", "--directory", "/nonexistent", "run.yaml"], code: 2, says: "fedcoord init"),
        Mistake(arguments: ["run", "list", "--directory", "/tmp"], code: 2, says: "fedcoord init"),
        Mistake(arguments: ["frobnicate"], code: 2, says: "frobnicate"),
        Mistake(arguments: ["codec", "bench"], code: 2, says: "name a model"),
        Mistake(arguments: ["codec", "bench", "lenett"], code: 2, says: "did you mean lenet?"),
        Mistake(arguments: ["codec", "bench", "0"], code: 2, says: "a model has 1 to"),
        Mistake(arguments: ["codec", "bench", "1.5"], code: 2, says: "a model has 1 to"),
        Mistake(arguments: ["codec", "bench", "1e300G"], code: 2, says: "a model has 1 to"),
        Mistake(arguments: ["codec", "bench", "4G"], code: 2, says: "take a smaller model"),
        Mistake(arguments: ["codec", "bench", "lenet", "--input", "28x28"], code: 2, says: "as in 28x28x1"),
        Mistake(arguments: ["codec", "bench", "lenet", "--input", "1x1x1"], code: 2, says: "1x1 pixels"),
        Mistake(arguments: ["codec", "bench", "1k", "--input", "28x28x1"], code: 2, says: "--input is for an"),
        Mistake(arguments: ["codec", "bench", "1k", "--classes", "20"], code: 2, says: "--classes is for an"),
        Mistake(
            arguments: ["codec", "bench", "--from", "a", "--to", "b", "--classes", "20"], code: 2,
            says: "leave them out"
        ),
        Mistake(
            arguments: ["codec", "bench", "/bin/ls"], code: 2, says: "files of models end in .safetensors"),
        Mistake(arguments: ["codec", "bench", "lenet", "--rounds", "0"], code: 2, says: "--rounds takes"),
        Mistake(arguments: ["codec", "bench", "lenet", "--rounds", "-1"], code: 2, says: "--rounds takes"),
        Mistake(
            arguments: ["codec", "bench", "lenet", "--codec", "ternary:errorFeedback=true"], code: 2,
            says: "leave them out"),
        Mistake(
            arguments: ["codec", "bench", "lenet", "--codec", "ternary:denseBelow=-1"], code: 2,
            says: "denseBelow must be 0 to"),
        Mistake(arguments: ["codec", "bench", "lenet", "--set", "bits=4"], code: 2, says: "--codec"),
        Mistake(arguments: ["codec", "bench", "lenet", "--from", "a"], code: 2, says: "--from and --to"),
        Mistake(arguments: ["codec", "bench", "lenet", "--codec", "ternery"], code: 2, says: "did you mean ternary?"),
        Mistake(
            arguments: ["codec", "bench", "lenet", "--codec", "ternary:bits=4"], code: 2, says: "has no option bits"),
        Mistake(arguments: ["codec", "bench", "lenet", "--codec", "uniform:bits=5"], code: 2, says: "bits"),
        Mistake(arguments: ["codec", "bench", "/nonexistent.safetensors"], code: 2, says: "/nonexistent.safetensors"),
        Mistake(arguments: ["init", "/proc/federation"], code: 2, says: "/proc/federation"),
        Mistake(
            program: "fedworker", arguments: ["join", "--state", "/nonexistent/state"], code: 2, says: "token create"),
        Mistake(
            program: "fedworker", arguments: ["join", "--data", "mnist=/nonexistent"], code: 2, says: "/nonexistent"),
        Mistake(program: "fedworker", arguments: ["join", "--data", "minst=/x"], code: 2, says: "mnist"),
        Mistake(program: "fedworker", arguments: ["join", "--shard", "9/8"], code: 2, says: "3/8"),
        Mistake(program: "fedworker", arguments: ["join", "--patience", "inf"], code: 2, says: "--patience takes"),
        Mistake(
            program: "fedworker", arguments: ["join", "--token", "nonsense", "--state", "/tmp/none"], code: 2,
            says: "token"),
    ])
    func saysWhatToDo(_ mistake: Mistake) async throws {
        let program = try Program(mistake.program, mistake.arguments)
        let code = try await program.waitForExit(seconds: 30)
        #expect(code == mistake.code, "\(program.output)")
        #expect(program.output.contains(mistake.says), "\(program.output)")
        #expect(!program.output.contains("Fatal error"))
    }

    @Test func aPortInUseIsNamed() async throws {
        let federation = try await TestFederation()
        let first = try await federation.serve(["cohort.minimumWorkers=9"])
        let listening = try String(contentsOfFile: federation.directory + "/listening.json", encoding: .utf8)
        let other = try await TestFederation()
        try listening.write(toFile: other.directory + "/settings.json", atomically: true, encoding: .utf8)
        let second = try Program("fedcoord", ["serve", "--directory", other.directory, other.runFile])
        #expect(try await second.waitForExit() == 4)
        #expect(second.output.contains("the port is in use"), "\(second.output)")
        first.send(SIGTERM)
        _ = try await first.waitForExit()
    }

    @Test func aCorruptDataFileIsNamed() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fedcoord-idx-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in [
            "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
        ] {
            try Data([0, 0, 8, 3, 0, 0]).write(to: folder.appendingPathComponent(name))
        }
        let program = try Program("fedworker", ["join", "--data", "mnist=\(folder.path)"])
        #expect(try await program.waitForExit() == 2)
        #expect(program.output.contains("idx"), "\(program.output)")
    }
}
