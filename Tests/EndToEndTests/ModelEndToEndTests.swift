// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTestSupport
import Foundation
import Testing

/// `fedcoord model` and `fedworker predict`, as a user runs them.
@Suite(.timeLimit(.minutes(5))) struct ModelEndToEndTests {
    /// A zero of 8x8 pixels, as PNG.
    static let zero = Data(
        base64Encoded:
            "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAAQElEQVR42mNgYAg43y/AAALn389/HwCkDd4rMKxvADIc9jMwNIAY"
            + "AUCiHyyynkFgfwGQoXA/YP5+sK6E8/OBJACpbBJQq85vHwAAAABJRU5ErkJggg==")

    private static func call(_ name: String, _ arguments: [String]) async throws -> (code: Int32, output: String) {
        let program = try Program(name, arguments)
        return (try await program.waitForExit(seconds: 120), program.output)
    }

    private static func json(_ name: String, _ arguments: [String]) async throws -> [String: Any] {
        let (code, output) = try await call(name, arguments + ["--format", "json"])
        #expect(code == 0, "\(output)")
        return try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    }

    private static func result(_ document: [String: Any], _ key: String) throws -> Double {
        try #require(((document["result"] as? [String: Any])?[key] as? NSNumber)?.doubleValue)
    }

    /// A run's model says what it is, and is worth what the run's report says.
    @Test(arguments: [["--in-process"], []])
    func theModelOfARunIsOfUseAlone(_ how: [String]) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fedcoord-model-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let (code, output) = try await Self.call(
            "fedcoord",
            [
                "simulate", "--example", "digits-dense", "--workers", "2", "--set", "rounds=2", "--output", folder.path,
            ] + how)
        #expect(code == 0, "\(output)")
        let data = try Data(contentsOf: folder.appendingPathComponent("report.json"))
        let report = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let path = try #require(report["modelPath"] as? String)
        let summary = try await Self.json("fedcoord", ["model", "show", path])
        #expect(summary["architecture"] as? String == "mlp" && summary["dataset"] as? String == "digits")
        #expect(summary["parameters"] as? Int == 17_226 && summary["width"] as? Int == 1)
        let measured = try await Self.json("fedcoord", ["model", "evaluate", path, "--data", "digits"])
        #expect(try Self.result(measured, "accuracy") == SimulationEndToEndTests.final(report, "accuracy"))
        // A network without batch norm has none that could normalise by the batch.
        for more in [["--width", "1"], []] {
            let (code, output) = try await Self.call(
                "fedcoord", ["model", "evaluate", path, "--data", "digits", "--statistics", "batch"] + more)
            #expect(code != 0 && output.contains("has no batch norm"), "\(output)")
        }
        if how.isEmpty {
            let named = try await Self.json(
                "fedcoord",
                [
                    "model", "show", try #require(report["run"] as? String), "--directory",
                    folder.appendingPathComponent("federation").path,
                ])
            #expect(named["run"] as? String == summary["run"] as? String)
        } else {
            #expect(try await Self.json("fedcoord", ["model", "show", folder.path])["parameters"] as? Int == 17_226)
        }
        let refused = try await Self.call(
            "fedcoord", ["model", "customize", path, "--width", "1/2", "--output", folder.path + "/x.safetensors"])
        #expect(refused.code == 2 && refused.output.contains("one network"))
        let image = folder.appendingPathComponent("zero.png")
        try #require(Self.zero).write(to: image)
        let seen = try await Self.call("fedworker", ["predict", path, image.path, "--top", "2"])
        #expect(seen.code == 0 && seen.output.contains("zero.png  0 "), "\(seen.output)")
    }

    /// What a run of base networks leaves is cut to any multiple of their width, in the order of their accuracy.
    @Test func theModelOfASplitMixRunIsCut() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fedcoord-mix-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let (code, output) = try await Self.call(
            "fedcoord",
            [
                "simulate", "--example", "digits-dense", "--in-process", "--workers", "2", "--set", "rounds=2", "--set",
                "strategy={name: split-mix, baseWidth: 1/4}", "--output", folder.path,
            ])
        #expect(code == 0, "\(output)")
        let data = try Data(contentsOf: folder.appendingPathComponent("report.json"))
        let report = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let summary = try await Self.json("fedcoord", ["model", "show", folder.path])
        #expect(summary["baseWidth"] as? String == "1/4" && summary["bases"] as? [Int] == [0, 1, 2, 3])
        let measured = try await Self.json("fedcoord", ["model", "evaluate", folder.path, "--data", "digits"])
        #expect(try Self.result(measured, "accuracy") == SimulationEndToEndTests.final(report, "accuracy"))
        let cut = folder.path + "/cut.safetensors"
        let (cutCode, text) = try await Self.call(
            "fedcoord",
            ["model", "customize", folder.path, "--width", "3/4", "--data", "digits", "--output", cut])
        #expect(cutCode == 0 && text.contains("3 base networks of width 1/4"), "\(text)")
        let bases = try await Self.json("fedcoord", ["model", "show", cut])["bases"] as? [Int]
        #expect(bases?.count == 3 && Set(bases ?? []).isSubset(of: [0, 1, 2, 3]))
    }

    /// What a run of nested widths leaves is cut to any of them, measured, exported and used.
    @Test func theModelOfAHeteroFLRunIsCut() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fedcoord-nested-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let (code, output) = try await Self.call(
            "fedcoord",
            [
                "simulate", "--example", "digits-dense", "--in-process", "--workers", "2", "--set", "rounds=2", "--set",
                "strategy={name: heterofl, widths: [1/4, 1/2, 1]}", "--output", folder.path,
            ])
        #expect(code == 0 && output.contains("widths    trained 1/4: 0, 1/2: 0, 1: 4 times"), "\(output)")
        let data = try Data(contentsOf: folder.appendingPathComponent("report.json"))
        let report = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let measured = try await Self.json("fedcoord", ["model", "evaluate", folder.path, "--data", "digits"])
        #expect(try Self.result(measured, "accuracy") == SimulationEndToEndTests.final(report, "accuracy"))
        let cut = folder.path + "/cut.safetensors"
        let (cutCode, text) = try await Self.call(
            "fedcoord", ["model", "customize", folder.path, "--width", "1/2", "--output", cut])
        #expect(cutCode == 0 && text.contains("width 1/2: one network with those of 1/4 in it"), "\(text)")
        let half = try await Self.json("fedcoord", ["model", "evaluate", cut, "--data", "digits"])
        #expect(try Self.result(half, "accuracy") > 0.8)
        let (swept, table) = try await Self.call(
            "fedcoord", ["model", "sweep", folder.path, "--data", "digits", "--report", folder.path + "/sweep.json"])
        #expect(swept == 0 && ["1/4", "1/2", "robustness"].allSatisfy(table.contains), "\(table)")
        let refused = try await Self.call(
            "fedcoord", ["model", "customize", folder.path, "--width", "1/3", "--output", folder.path + "/x"])
        #expect(refused.code == 2 && refused.output.contains("the widths 1/4, 1/2, 1"), "\(refused.output)")
        let image = folder.appendingPathComponent("zero.png")
        try #require(Self.zero).write(to: image)
        let seen = try await Self.call("fedworker", ["predict", cut, image.path, "--top", "1"])
        #expect(seen.code == 0, "\(seen.output)")
        let (exported, why) = try await Self.call(
            "fedcoord", ["model", "export", cut, "--output", folder.path + "/cut.onnx"])
        #expect(exported == 0, "\(why)")
    }

    /// One model, cut, measured, drawn, exported, and used.
    @Test func aMixtureIsCutAndMeasured() async throws {
        try await MixtureModel.withFile { path in
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
            let half = folder + "/quarter.safetensors"
            let (code, output) = try await Self.call(
                "fedcoord",
                [
                    "model", "customize", path, "--width", "1/4", "--robustness", "0.3", "--data", "digits", "--output",
                    half,
                ])
            #expect(code == 0 && output.contains("2 base networks of width 1/8"), "\(output)")
            #expect(output.contains("robustness 0.3"))
            let attack = ["--data", "digits", "--attack", "pgd", "--epsilon", "8/255", "--robust-examples", "60"]
            let measured = try await Self.json("fedcoord", ["model", "evaluate", half] + attack)
            #expect(try Self.result(measured, "accuracy") > 0.8)
            #expect(try Self.result(measured, "robustAccuracy") <= Self.result(measured, "accuracy") + 0.1)

            let (swept, table) = try await Self.call(
                "fedcoord",
                [
                    "model", "sweep", path, "--robustness", "0,0.3,1", "--report", folder + "/sweep.json", "--picture",
                    folder + "/sweep.svg",
                ] + attack)
            #expect(swept == 0, "\(table)")
            #expect(table.contains("robust accuracy") && table.contains("bases     on "))
            let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/sweep.json"))
            let sweep = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            let points = try #require(sweep["points"] as? [[String: Any]])
            #expect(points.count == 9)
            let same = try #require(
                points.first { $0["width"] as? String == "1/4" && ($0["robustness"] as? Double ?? 0).rounded(3) == 0.3 }
            )
            #expect(same["accuracy"] as? Double == (try Self.result(measured, "accuracy")))
            #expect(same["robustAccuracy"] as? Double == (try Self.result(measured, "robustAccuracy")))
            let picture = try String(contentsOfFile: folder + "/sweep.svg", encoding: .utf8)
            #expect(picture.hasPrefix("<svg") && picture.contains("width 1/8"))

            let cut = ["evaluate", path, "--width", "3/8", "--robustness", "0.3"] + attack
            let atTheWorker = try await Self.json("fedworker", cut)
            #expect(atTheWorker["width"] as? String == "3/8")
            let atTheCoordinator = try await Self.json("fedcoord", ["model"] + cut)
            for key in ["accuracy", "loss", "robustAccuracy"] {
                #expect(try Self.result(atTheWorker, key) == Self.result(atTheCoordinator, key))
            }

            let image = URL(fileURLWithPath: folder + "/zero.png")
            try #require(Self.zero).write(to: image)
            let (predicted, answer) = try await Self.call(
                "fedworker", ["predict", half, image.path, "--format", "json"])
            #expect(predicted == 0 && answer.contains("\"digit 0\""), "\(answer)")
            let onnx = folder + "/model.onnx"
            let exported = try await Self.call(
                "fedcoord", ["model", "export", path, "--width", "1/8", "--output", onnx])
            #expect(exported.code == 0 && FileManager.default.fileExists(atPath: onnx), "\(exported.output)")
        }
    }

    @Test func whatCannotBeDoneIsRefusedWithASentence() async throws {
        try await MixtureModel.withFile { path in
            let output = ["--output", path + ".other"]
            for (arguments, says) in [
                (["customize", path, "--width", "1/3"] + output, "its width can be 1/8, 1/4, 3/8, 1/2"),
                (["customize", path, "--width", "0.5"] + output, "--width"),
                (["customize", path, "--robustness", "2"] + output, "robustness is 0 (clean) to 1 (robust)"),
                (["evaluate", path], "--data"), (["evaluate", path, "--data", "digit"], "did you mean digits?"),
                (["evaluate", path, "--data", "digits", "--epsilon", "8/255"], "belong to --attack"),
                (["evaluate", path, "--data", "digits", "--attack", "pgd", "--epsilon", "3"], "epsilon"),
                (["show", path + "x.safetensors"], "there is no model"),
                (["show", "no-such-run", "--directory", path + ".none"], "no federation"),
                (["export", path, "--output", "/no/such/folder/x.onnx"], "cannot write"),
                (["export", path, "--output", path], "would be lost"),
                (["customize", path, "--width", "1/4", "--output", path], "would be lost"),
                (
                    [
                        "sweep", path, "--data", "digits", "--report", path + ".other", "--picture", path + ".other",
                    ], "would be lost"
                ),
                (["export", path, "--worker", "a", "--output", path + ".other"], "one model for all workers"),
            ] {
                let (code, text) = try await Self.call("fedcoord", ["model"] + arguments)
                #expect(code == 2, "\(arguments): \(text)")
                #expect(text.contains(says), "\(arguments): \(text)")
            }
            #expect(!FileManager.default.fileExists(atPath: path + ".other"))
            let linked = path + ".link"
            try FileManager.default.createSymbolicLink(atPath: linked, withDestinationPath: path)
            let through = try await Self.call("fedcoord", ["model", "export", path, "--output", linked])
            #expect(through.code == 2 && through.output.contains("would be lost"), "\(through.output)")
            let nowhere = try await Self.call("fedcoord", ["model", "export", path, "--output", "/dev/null"])
            #expect(nowhere.code == 0, "\(nowhere.output)")
            let customized = try await Self.call(
                "fedcoord", ["model", "customize", path, "--width", "1/4", "--output", "/dev/null"])
            #expect(customized.code == 2 && customized.output.contains("is no file"), "\(customized.output)")
            // What comes out goes behind what is there.
            let log = path + ".log"
            try Data("before\n".utf8).write(to: URL(fileURLWithPath: log))
            let redirected = try Program(
                "/bin/sh",
                [
                    "-c",
                    "\"$0\" model sweep \"$1\" --data digits --widths 1/8 --robustness 0 --report /dev/stdout >> \"$2\"",
                    Program.folder.appendingPathComponent("fedcoord").path, path, log,
                ])
            #expect(try await redirected.waitForExit(seconds: 60) == 0, "\(redirected.output)")
            let logged = try String(contentsOfFile: log, encoding: .utf8)
            #expect(logged.hasPrefix("before\n") && logged.contains("\"points\"") && logged.contains("robustness"))
            var device = stat()
            #expect(stat("/dev/null", &device) == 0 && device.st_mode & S_IFMT == S_IFCHR)
            let broken = try await Self.call("fedworker", ["predict", path, path])
            #expect(broken.code == 2 && broken.output.contains("neither a PNG nor a JPEG"), "\(broken.output)")
            let missing = try await Self.call("fedworker", ["predict", path + "x", path])
            #expect(missing.code == 2, "\(missing.output)")
        }
    }

    /// A run has a model once all its rounds are done.
    @Test func theModelOfAnUnfinishedRunIsRefused() async throws {
        let federation = try await TestFederation()
        let coordinator = try await federation.serve(["rounds=3"])
        coordinator.send(SIGTERM)
        _ = try await coordinator.waitForExit()
        let list = try Program("fedcoord", ["run", "list", "--directory", federation.directory, "--format", "json"])
        _ = try await list.waitForExit()
        let runs = try #require(try JSONSerialization.jsonObject(with: Data(list.output.utf8)) as? [[String: Any]])
        let run = try #require((runs.first?["id"] ?? runs.first?["run"]) as? String)
        let (code, output) = try await Self.call(
            "fedcoord", ["model", "show", run, "--directory", federation.directory])
        #expect(code == 2 && output.contains("once all its rounds are done"), "\(output)")
        let other = try await Self.call(
            "fedcoord", ["model", "show", "other", "--directory", federation.directory])
        #expect(other.code == 2 && other.output.contains("there is no run"), "\(other.output)")
    }
}

extension Double {
    fileprivate func rounded(_ digits: Int) -> Double {
        (self * pow(10, Double(digits))).rounded() / pow(10, Double(digits))
    }
}
