// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Foundation
import Testing

/// `fedcoord simulate` as a user runs it.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SimulationEndToEndTests {
    static func simulate(_ arguments: [String]) async throws -> [String: Any] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fedcoord-sim-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let report = folder.appendingPathComponent("copy.json").path
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let program = try Program(
            "fedcoord",
            ["simulate", "--output", folder.appendingPathComponent("out").path, "--report", report] + arguments)
        let code = try await program.waitForExit(seconds: 200)
        #expect(code == 0, "\(program.output)")
        #expect(program.output.contains("SHA-256"))
        let data = try Data(contentsOf: URL(fileURLWithPath: report))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    static func final(_ report: [String: Any], _ key: String) throws -> Double {
        try #require(((report["final"] as? [String: Any])?[key] as? NSNumber)?.doubleValue)
    }

    @Test func ternaryIsAsGoodAsDenseAndTwentyTimesSmaller() async throws {
        let ternary = try await Self.simulate(["--example", "digits"])
        let dense = try await Self.simulate(["--example", "digits-dense"])
        let accuracy = try Self.final(ternary, "accuracy")
        #expect(accuracy >= 0.93)
        #expect(accuracy >= (try Self.final(dense, "accuracy")) - 0.01)
        #expect(try Self.final(ternary, "uplinkBitsPerParameter") <= 1.65)
        #expect(try Self.final(ternary, "uplinkBytes") * 19 < Self.final(ternary, "denseUplinkBytes"))
        #expect(ternary["workers"] as? Int == 4)
        let keys = ["run", "name", "seed", "strategy", "workers", "codec", "parameters", "rounds", "final"]
        for key in keys + ["modelSHA256", "modelPath"] { #expect(ternary[key] != nil, "\(key)") }
        #expect((ternary["rounds"] as? [Any])?.count == 20)
    }

    @Test func theSameSeedGivesTheSameModel() async throws {
        let arguments = ["--example", "digits", "--workers", "3", "--set", "rounds=3"]
        let first = try await Self.simulate(arguments)
        let second = try await Self.simulate(arguments)
        let other = try await Self.simulate(arguments + ["--set", "seed=2"])
        #expect(first["modelSHA256"] as? String == second["modelSHA256"] as? String)
        #expect(first["modelSHA256"] as? String != other["modelSHA256"] as? String)
    }

    @Test func adversarialTrainingShowsInTheReport() async throws {
        let arguments = [
            "--example", "digits-dense", "--workers", "2", "--set", "rounds=12", "--set", "training.epochs=2", "--set",
            "evaluation={every: 6, robustExamples: 300, attack: {epsilon: 0.1, steps: 10}}",
        ]
        let objective =
            "training.objective=[{term: cross-entropy}, "
            + "{term: adversarial, weight: 1, attack: {epsilon: 0.1, steps: 3}}]"
        let standard = try await Self.simulate(arguments)
        let adversarial = try await Self.simulate(arguments + ["--set", objective])
        for report in [standard, adversarial] {
            let rounds = try #require(report["rounds"] as? [[String: Any]])
            #expect(rounds.indices.filter { rounds[$0]["robustAccuracy"] != nil } == [5, 11])
            #expect(try Self.final(report, "robustAccuracy") < Self.final(report, "accuracy"))
        }
        #expect(try Self.final(adversarial, "robustAccuracy") > Self.final(standard, "robustAccuracy") + 0.05)
    }

    /// Processes over TLS and threads in one process are two ways to the same bits.
    @Test(arguments: [
        ["training.optimizer.momentum=0.9"],
        [
            "uplink={codec: dense-float32, entropy: auto}", "downlink.codec=dense-float16",
            "data.partition={scheme: dirichlet, alpha: 0.2}",
        ],
        [
            "rounds=5", "cohort.fraction=0.67",
            "uplink={codec: uniform, bits: 4, errorFeedback: true, momentumMasking: true}",
            "training.optimizer={name: sgd, learningRate: 0.02, momentum: 0.9, state: kept}",
        ],
        [
            "uplink={codec: ternary, scales: shared}", "downlink={codec: ternary-sum, verifyEvery: 1}", "rounds=4",
            "strategy={weighting: uniform, optimizer: {name: sgd, momentum: 0.9, weightDecay: 0.001}}",
            "cohort.fraction=0.67", "cohort.quorum=1",
        ],
        [
            "uplink={codec: stc, density: 0.1}", "downlink={codec: stc, density: 0.1, verifyEvery: 2}", "rounds=4",
            "strategy.optimizer={name: adam, learningRate: 0.01}", "cohort.quorum=1",
        ],
        [
            "rounds=5", "uplink={codec: sbc, density: 0.02}",
            "training.optimizer={name: adamw, learningRate: 0.005, state: kept}",
        ],
        ["data.fraction=0.5", "cohort.fraction=0.67", "data.partition={scheme: classes-per-worker, classes: 4}"],
        [
            "rounds=3", "uplink.codec=dense-float32",
            "strategy={aggregator: {name: trimmed-mean, trim: 0.34}, optimizer: {name: yogi}, weighting: examples}",
        ],
        [
            "rounds=4", "strategy=fedbn", "model={architecture: resnet20, width: 1/8}", "cohort.fraction=0.67",
            "data.fraction=0.2", "uplink={codec: sbc, density: 0.05}",
        ],
        ["model={architecture: resnet20, width: 1/8, statistics: local}", "data.fraction=0.2", "rounds=3"],
        ["rounds=3", "strategy.aggregator={name: sign-vote, step: 0.01}", "uplink={codec: ternary, scales: shared}"],
        [
            "rounds=3", "strategy.aggregator=geometric-median", "uplink={codec: sbc, density: 0.1}",
            "downlink={codec: stc, density: 0.1}",
        ],
        [
            "training.schedule={name: cosine}", "training.optimizer={name: adamw, learningRate: 0.01}",
            "model={architecture: mlp, hidden: [16], dropout: 0.2}",
            "training.objective=[{term: cross-entropy}, {term: adversarial, weight: 1, attack: {epsilon: 0.1, steps: 2}}]",
        ],
    ])
    func oneProcessOrManyGiveTheSameModel(settings: [String]) async throws {
        let arguments =
            ["--example", "digits", "--workers", "3", "--set", "rounds=2", "--set", "training.epochs=1"]
            + settings.flatMap { ["--set", $0] }
        let many = try await Self.simulate(arguments)
        for threads in ["1", "3"] {
            let one = try await Self.simulate(arguments + ["--in-process", "--threads", threads])
            #expect(one["modelSHA256"] as? String == many["modelSHA256"] as? String)
            for key in ["run", "seed", "workers", "parameters"] {
                #expect(one[key] as? NSObject == many[key] as? NSObject, "\(key)")
            }
            for key in ["accuracy", "loss", "uplinkBytes", "downlinkBytes", "denseUplinkBytes"] {
                let (final, other) = (one["final"] as? [String: Any], many["final"] as? [String: Any])
                #expect(final?[key] as? NSNumber == other?[key] as? NSNumber, "\(key)")
            }
        }
    }

    /// Attackers do the same in both, and the report names them.
    @Test(arguments: [
        ["--attack", "sign-flip", "--set", "strategy.aggregator=median"],
        ["--attack", "label-flip", "--set", "limits.relativeNorm=3"],
        ["--attack", "gaussian", "--attack-scale", "20", "--set", "limits.relativeNorm=3"],
        ["--attack", "nan", "--set", "uplink.codec=ternary"], ["--attack", "scale", "--set", "uplink.codec=sbc"],
    ])
    func attackersDoTheSameInOneProcessOrMany(attack: [String]) async throws {
        let arguments =
            [
                "--example", "digits-dense", "--workers", "4", "--attackers", "0.25", "--set", "rounds=2", "--set",
                "cohort.quorum=0.5",
            ] + attack
        let many = try await Self.simulate(arguments)
        let one = try await Self.simulate(arguments + ["--in-process"])
        #expect(one["modelSHA256"] as? String == many["modelSHA256"] as? String)
        #expect(one["attack"] as? NSObject == many["attack"] as? NSObject)
        let report = try #require(many["attack"] as? [String: Any])
        #expect(report["kind"] as? String == attack[1])
        #expect((report["attackers"] as? [String])?.count == 1)
        for rounds in [one["rounds"], many["rounds"]] {
            let rounds = try #require(rounds as? [[String: Any]])
            for round in rounds where attack[1] == "nan" || attack[1] == "gaussian" {
                #expect(round["refused"] as? Int == 1)
                #expect(round["accepted"] as? Int == 3)
            }
        }
    }

    @Test(arguments: [
        [], ["--set", "uplink.codec=ternary", "--set", "strategy.optimizer={name: adam, learningRate: 0.05}"],
        ["--set", "model={architecture: digits-cnn, statistics: post-training}", "--set", "uplink.codec=sbc"],
    ])
    func baseNetworksAreTheSameInOneProcessOrMany(settings: [String]) async throws {
        let arguments =
            [
                "--example", "digits-dense", "--workers", "4", "--budgets", "1/4,1", "--set", "rounds=3",
                "--set", "strategy={name: split-mix, baseWidth: 1/4}",
            ] + settings
        let many = try await Self.simulate(arguments)
        let one = try await Self.simulate(arguments + ["--in-process"])
        #expect(one["modelSHA256"] as? String == many["modelSHA256"] as? String)
        let updates = try #require(many["baseUpdates"] as? [Int])
        #expect(updates == one["baseUpdates"] as? [Int])
        let trained = updates.reduce(0, +)
        let rounds = settings.contains { $0.contains("post-training") } ? 2 : 3
        #expect(trained == 10 * rounds, "two workers train one base and two all four in a round")
    }

    @Test(arguments: [
        [], ["--set", "uplink.codec=sbc", "--set", "downlink.codec=dense-float16"],
    ])
    func nestedWidthsAreTheSameInOneProcessOrMany(settings: [String]) async throws {
        let arguments =
            [
                "--example", "digits-dense", "--workers", "4", "--budgets", "1/4,1/2,1", "--set", "rounds=3",
                "--set", "strategy={name: heterofl, widths: [1/4, 1/2, 1]}",
            ] + settings
        let many = try await Self.simulate(arguments)
        let one = try await Self.simulate(arguments + ["--in-process"])
        #expect(one["modelSHA256"] as? String == many["modelSHA256"] as? String)
        for key in ["uplinkBytes", "downlinkBytes"] { #expect(try Self.final(one, key) == Self.final(many, key)) }
        let updates = try #require(many["widthUpdates"] as? [String: Int])
        #expect(updates == ["1/4": 6, "1/2": 3, "1": 3] && updates == one["widthUpdates"] as? [String: Int])
    }

    /// Who trains adversarially, what is propagated and who calibrates do not depend on where workers run.
    @Test(arguments: [[], ["--set", "uplink.codec=ternary", "--set", "strategy.propagation=uniform"]])
    func robustnessIsPropagatedTheSameInOneProcessOrMany(settings: [String]) async throws {
        let arguments =
            [
                "--example", "digits-dense", "--workers", "3", "--adversarial", "1", "--set", "rounds=4",
                "--set", "strategy={name: fedrbn, warmup: 1}", "--set", "data.fraction=0.2",
                "--set", "model={architecture: resnet20, width: 1/8, normalization: dual-shared}",
            ] + settings
        let many = try await Self.simulate(arguments)
        let one = try await Self.simulate(arguments + ["--in-process"])
        #expect(one["modelSHA256"] as? String == many["modelSHA256"] as? String)
        let other = try await Self.simulate(arguments + ["--in-process", "--set", "strategy.lambda=0"])
        #expect(other["modelSHA256"] as? String != one["modelSHA256"] as? String, "nobody calibrated")
    }

    @Test func interruptingOneProcessEndsIt() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fedcoord-sim-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = try Program(
            "fedcoord",
            [
                "simulate", "--example", "digits", "--set", "rounds=1000000", "--in-process", "--workers", "100",
                "--output", folder.path,
            ])
        try await program.waitForLine(containing: "round 2/")
        program.send(SIGINT)
        #expect(try await program.waitForExit(seconds: 20) == 130)
        #expect(program.lines[0].contains("100 workers in this process"), "\(program.output)")
    }

    @Test func interruptingLeavesNoProcessBehind() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fedcoord-sim-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        for signal in [SIGINT, SIGKILL] {
            let out = folder.appendingPathComponent("out-\(signal)").path
            let program = try Program(
                "fedcoord", ["simulate", "--example", "digits", "--set", "rounds=100000", "--output", out])
            try await program.waitForLine(containing: "round 2/")
            #expect(Self.processes(mentioning: out) >= 5)
            // A terminal interrupts all that it has started, and workers must not seem to fail for it.
            if signal == SIGINT { program.sendToGroup(signal) } else { program.send(signal) }
            let code = try await program.waitForExit(seconds: 20)
            #expect(signal == SIGKILL || code == 130, "\(program.output)")
            for _ in 0..<250 where Self.processes(mentioning: out) > 0 { try await Task.sleep(for: .milliseconds(20)) }
            #expect(Self.processes(mentioning: out) == 0)
        }
    }

    /// How many processes have `text` on their command line.
    static func processes(mentioning text: String) -> Int {
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { Int($0) } ?? []
        return numbers.count { number in
            guard let data = FileManager.default.contents(atPath: "/proc/\(number)/cmdline") else { return false }
            return String(decoding: data, as: UTF8.self).contains(text)
        }
    }
}
