// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Foundation
import Testing

/// `fedcoord codec`, as a user sees it.
@Suite(.timeLimit(.minutes(5))) struct CodecEndToEndTests {
    static let names = [
        "dense-float32", "dense-bfloat16", "dense-float16", "uniform", "ternary", "ternary-sum", "sbc", "stc", "top-k",
        "random-k",
    ]

    static func bench(_ arguments: [String]) async throws -> [String: Any] {
        let (code, output) = try await DataEndToEndTests.fedcoord(["codec", "bench", "--json"] + arguments)
        #expect(code == 0, "\(output)")
        return try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    }

    static func codecs(_ document: [String: Any]) throws -> [[String: Any]] {
        try #require(document["codecs"] as? [[String: Any]])
    }

    /// A safetensors file of one tensor.
    static func write(_ values: [Float], shape: [Int], to file: URL) throws {
        let json = #"{"fc.weight":{"dtype":"F32","shape":\#(shape),"data_offsets":[0,\#(4 * values.count)]}}"#
        let length = withUnsafeBytes(of: UInt64(json.utf8.count).littleEndian) { Data($0) }
        try (length + Data(json.utf8) + values.withUnsafeBytes { Data($0) }).write(to: file)
    }

    @Test func listsEveryCodecWithItsOptions() async throws {
        let (code, output) = try await DataEndToEndTests.fedcoord(["codec", "list"])
        #expect(code == 0)
        let lines = output.split(separator: "\n")
        for name in Self.names { #expect(lines.contains { $0.hasPrefix("\(name) ") }) }
        #expect(output.contains("bits"))
        #expect(lines.allSatisfy { $0.count <= 100 })
    }

    @Test func printsATableOfAllCodecs() async throws {
        let (code, output) = try await DataEndToEndTests.fedcoord(["codec", "bench", "lenet", "--rounds", "1"])
        #expect(code == 0, "\(output)")
        #expect(output.contains("lenet for 28x28x1 in 10 classes: 1663370 parameters in 8 tensors, 6.65 MB as float32"))
        let lines = output.split(separator: "\n")
        for name in Self.names { #expect(lines.contains { $0.hasPrefix("\(name) ") }) }
        #expect(output.contains("ternary-sum: the sum of one update here"))
        #expect(lines.contains { $0.hasPrefix("sbc ") && $0.contains(" density=0.001 ") })
        #expect(output.contains("copying the float32 values in memory"))
        #expect(lines.allSatisfy { $0.count <= 120 }, "\(output)")
    }

    @Test func presetsAreNamed() async throws {
        let arguments = [
            "codec", "bench", "1k", "--codec", "sbc-2", "--codec", "sbc-3", "--codec", "sbc", "--rounds", "1",
        ]
        let (code, output) = try await DataEndToEndTests.fedcoord(arguments)
        #expect(code == 0, "\(output)")
        let lines = output.split(separator: "\n")
        for name in ["sbc-2", "sbc-3", "sbc"] {
            #expect(lines.contains { $0.hasPrefix("\(name) ") && $0.contains(" density=0.01 ") }, "\(output)")
        }
        #expect(output.contains("equal densities make equal bytes; training.steps: sbc-2 10, sbc-3 100"), "\(output)")
    }

    @Test func jsonHoldsWhatTheTableShows() async throws {
        let document = try await Self.bench([
            "3000", "--codec", "uniform:bits=8", "--codec", "ternary", "--rounds", "2",
        ])
        #expect(document["parameters"] as? Int == 3000)
        #expect(document["tensors"] as? Int == 1)
        #expect(document["rounds"] as? Int == 2)
        #expect((document["copiedPerSecond"] as? Double ?? 0) > 0)
        let codecs = try Self.codecs(document)
        #expect(
            codecs.map { ($0["spec"] as? [String: Any])?["codec"] as? String } == ["uniform", "ternary"])
        #expect((codecs[0]["spec"] as? [String: Any])?["bits"] as? Int == 8)
        for codec in codecs {
            let bytes = try #require(codec["payloadBytes"] as? Int)
            let bits = try #require(codec["bitsPerParameter"] as? Double)
            #expect(abs(bits - 8 * Double(bytes) / 3000) < 1e-9)
            for key in ["encodedPerSecond", "foldedPerSecond", "foldedNonZerosPerSecond", "ratio"] {
                #expect((codec[key] as? Double ?? 0) > 0, "\(key)")
            }
            #expect((codec["nonZeros"] as? Int ?? 0) > 0)
        }
        // The step of 8 bits is the largest magnitude over 127, the error of rounding to it is below its square / 4.
        #expect((codecs[0]["relativeError"] as? Double ?? 1) < 0.02)
        #expect((0.9...1.1).contains(codecs[1]["relativeError"] as? Double ?? 0))
    }

    @Test func sameSeedSameBytes() async throws {
        let arguments = ["--codec", "ternary", "--rounds", "1"]
        let runs = [
            try await Self.bench(["5k", "--seed", "7"] + arguments),
            try await Self.bench(["5000", "--seed", "7"] + arguments),
            try await Self.bench(["5000", "--seed", "8"] + arguments),
        ]
        let errors = try runs.map { try #require(Self.codecs($0)[0]["relativeError"] as? Double) }
        #expect(errors[0] == errors[1])
        #expect(errors[0] != errors[2])
    }

    @Test func measuresTheChangeBetweenTwoFiles() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fedcoord-codec-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let (before, after) = (
            folder.appendingPathComponent("a.safetensors"), folder.appendingPathComponent("b.safetensors")
        )
        try Self.write([1, 2, 3, 4, 5, 6], shape: [2, 3], to: before)
        try Self.write([1, 2.5, 3, 3.5, 5.5, 6], shape: [2, 3], to: after)
        let change = ["--from", before.path, "--to", after.path]
        let codecs = try Self.codecs(try await Self.bench(change + ["--codec", "ternary", "--rounds", "1"]))
        // All that is not 0 has the scale's magnitude: nothing is lost.
        #expect(codecs[0]["relativeError"] as? Double == 0)
        #expect(codecs[0]["nonZeros"] as? Int == 3)
        let layout = try await Self.bench([after.path, "--codec", "ternary", "--rounds", "1"])
        #expect(layout["parameters"] as? Int == 6)
        try Self.write([1, 2.5, 3, 3.5, 5.5, 6], shape: [3, 2], to: after)
        let (code, output) = try await DataEndToEndTests.fedcoord(["codec", "bench"] + change)
        #expect(code == 2)
        #expect(output.contains("different tensors"), "\(output)")
        let same = try await DataEndToEndTests.fedcoord(["codec", "bench", "--from", after.path, "--to", after.path])
        #expect(same.code == 2)
        #expect(same.output.contains("the same values"))
    }

    @Test func checkSaysWhatIsInForceUpAndDown() async throws {
        let federation = try await TestFederation()
        let arguments = ["check", federation.runFile, "--set", "uplink={codec: sbc-2, dense: [bias]}"]
        let (code, output) = try await DataEndToEndTests.fedcoord(arguments)
        #expect(code == 0, "\(output)")
        #expect(output.contains("  up      sbc density=0.01 dense=[bias] errorFeedback=true"), "\(output)")
        #expect(output.contains(" of 17226 parameters as float32, after "), "\(output)")
        #expect(output.contains("  down    dense-float32"), "\(output)")
    }

    @Test func aRunFilesModelAndCodecComeFirst() async throws {
        let federation = try await TestFederation()
        let document = try await Self.bench([federation.runFile, "--rounds", "1"])
        #expect(document["parameters"] as? Int == 17226)
        let first = try #require(try Self.codecs(document).first?["spec"] as? [String: Any])
        #expect(first["codec"] as? String == "ternary")
        #expect(try Self.codecs(document).count >= Self.names.count)
    }
}
