// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTestSupport
import Foundation
import Testing

/// `fedworker detector`, and what `evaluate` and `predict` make of it.
@Suite(.timeLimit(.minutes(5))) struct DetectorEndToEndTests {
    private static func call(_ arguments: [String]) async throws -> (code: Int32, output: String) {
        let program = try Program("fedworker", arguments)
        return (try await program.waitForExit(seconds: 120), program.output)
    }

    @Test func aDetectorIsFittedAndUsed() async throws {
        try await MixtureModel.withFile { path in
            let attack = ["--attack", "pgd", "--epsilon", "0.15", "--steps", "3"]
            let automatic = ["--data", "digits", "--robustness", "auto"]
            let early = try await Self.call(["evaluate", path] + automatic)
            #expect(early.code == 2 && early.output.contains("has no detector"), "\(early.output)")
            let fitted = try await Self.call(["detector", path, "--data", "digits", "--examples", "100"] + attack)
            #expect(fitted.code == 0 && fitted.output.contains("100 training examples"), "\(fitted.output)")

            let sample = ["--robust-examples", "40", "--format", "json"]
            let (code, output) = try await Self.call(["evaluate", path] + automatic + attack + sample)
            #expect(code == 0, "\(output)")
            let report = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
            #expect(report["robustness"] as? String == "auto")
            let result = try #require(report["result"] as? [String: Any])
            #expect(try #require(result["accuracy"] as? NSNumber).doubleValue > 0.5, "\(output)")
            #expect(result["robustAccuracy"] is NSNumber, "\(output)")
            let detection = try #require(report["detection"] as? [String: Any])
            #expect(detection["falseAlarms"] is NSNumber && detection["detections"] is NSNumber, "\(output)")

            // Auto-PGD, and one mixture for all.
            let mixed = try await Self.call(
                ["evaluate", path, "--data", "digits", "--robustness", "1", "--attack", "apgd", "--steps", "5"] + sample
            )
            #expect(mixed.code == 0 && mixed.output.contains(#""method" : "apgd""#), "\(mixed.output)")
            #expect(!mixed.output.contains("detection"), "\(mixed.output)")

            let image = URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent("zero.png")
            try #require(ModelEndToEndTests.zero).write(to: image)
            let seen = try await Self.call(
                ["predict", path, image.path, "--robustness", "auto", "--format", "json"])
            #expect(seen.code == 0 && seen.output.contains("\"isDetected\""), "\(seen.output)")
        }
    }

    @Test func whatCannotBeDoneIsRefusedWithASentence() async throws {
        try await MixtureModel.withFile { path in
            for (arguments, says) in [
                (["evaluate", path, "--data", "digits", "--robustness", "sometimes"], "--robustness"),
                (["evaluate", path, "--data", "digits", "--steps", "3"], "belong to --attack"),
                (["evaluate", path, "--data", "digits", "--attack", "fgsm", "--steps", "3"], "one step"),
                (["evaluate", path, "--data", "digits", "--attack", "apgd", "--epsilon", "3"], "epsilon"),
                (["detector", path, "--data", "digits", "--epsilon", "0"], "nothing to detect"),
                (["detector", path, "--data", "digits", "--examples", "0"], "--examples"),
            ] {
                let (code, text) = try await Self.call(arguments)
                #expect(code == 2, "\(arguments): \(text)")
                #expect(text.contains(says), "\(arguments): \(text)")
            }
        }
    }
}
