// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStore
import Foundation
import Testing

private enum PythonSafetensors {
    static let isImportable = run("import safetensors.numpy") == 0

    static func run(_ program: String, _ arguments: String...) -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", program] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return -1 }
        process.waitUntilExit()
        return process.terminationStatus
    }
}

@Suite struct CheckpointFileTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path + "/c.safetensors"
    }

    @Test func survivesTheDisk() throws {
        let checkpoint = try StoreFixture.checkpoint(12)
        let digest = try CheckpointFile.write(checkpoint, name: "c.safetensors", in: directory.path)
        #expect(digest.model == ModelDigest.sha256(of: checkpoint.parameters))
        #expect(try CheckpointFile.read(path, layout: StoreFixture.layout()) == checkpoint)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["c.safetensors"])
        let bytes = try TemporaryDirectory.read(path)
        let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(length % 8 == 0)
        #expect(bytes.count == 8 + length + 4 * (9 + 3 + 0 + 1))
    }

    @Test func damagedStateIsAnError() throws {
        try CheckpointFile.write(StoreFixture.checkpoint(12), name: "c.safetensors", in: directory.path)
        let bytes = try TemporaryDirectory.read(path)
        // The last four values: an empty vector takes no room, and momentum comes after `a/b`.
        for index in bytes.count - 16..<bytes.count {
            var damaged = bytes
            damaged[index] ^= 1
            try TemporaryDirectory.write(damaged, to: path)
            let error = #expect(throws: StoreError(.corrupt, "")) {
                try CheckpointFile.read(path, layout: StoreFixture.layout())
            }
            #expect(error?.message.contains(path) == true)
        }
    }

    @Test func theDigestIsOfTheRawValues() throws {
        let layout = try ModelLayout([ParameterSpec(name: "w", shape: [2], role: .weight)])
        // SHA-256 of the bytes 00 00 80 3f 00 00 00 c0, by sha256sum.
        let expected = "ee4ac73c2bd27756ab82780f27c73a7bc4d3f0bb6acb37e008bc27eccd7e588b"
        #expect(try ModelDigest.sha256(of: ParameterVector(layout: layout, values: [1, -2])) == expected)
    }

    @Test func readsTensorsInAnyOrder() throws {
        let layout = try ModelLayout([
            ParameterSpec(name: "b", shape: [1], role: .bias), ParameterSpec(name: "a", shape: [2], role: .weight),
        ])
        let values: [Float] = [3, 1, 2]
        let digest = try ModelDigest.sha256(of: ParameterVector(layout: layout, values: values))
        let json = """
            {"__metadata__":{"format":"fedcoord-checkpoint-1","run":"r1","version":"3","sha256":"\(digest)"},\
            "b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}
            """
        try write(json, data: [1, 2, 3].flatMap { (value: Float) in withUnsafeBytes(of: value) { Array($0) } })
        let checkpoint = try CheckpointFile.read(path, layout: layout)
        #expect(checkpoint.parameters.values == values)
    }

    @Test func noticesEveryChangedByte() throws {
        try CheckpointFile.write(
            Checkpoint(run: RunID("r1"), version: ModelVersion(1), parameters: StoreFixture.checkpoint(1).parameters),
            name: "c.safetensors", in: directory.path)
        let bytes = try TemporaryDirectory.read(path)
        let layout = try StoreFixture.layout()
        let good = try CheckpointFile.read(path, layout: layout)
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 0x11
            try TemporaryDirectory.write(damaged, to: path)
            // The run's name and the version are the only bytes that can change into other good ones.
            if let read = try? CheckpointFile.read(path, layout: layout) { #expect(read.parameters == good.parameters) }
        }
        for length in 0..<bytes.count {
            try TemporaryDirectory.write(Array(bytes[..<length]), to: path)
            #expect(throws: StoreError(.corrupt, ""), "length \(length)") {
                try CheckpointFile.read(path, layout: layout)
            }
        }
        try TemporaryDirectory.write(bytes + [0], to: path)
        #expect(throws: StoreError(.corrupt, "")) { try CheckpointFile.read(path, layout: layout) }
    }

    @Test(arguments: [
        "", "[]", "{", "null", #"{"w":1}"#, #"{"w":{"dtype":"F32","shape":[1]}}"#,
        #"{"w":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}"#,
        #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}"#,
        #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
        #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#,
        #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#,
        #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}"#,
        #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}"#,
        #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"v":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
        #"{"w":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}"#,
        #"{"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#,
        #"{"w":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,4]}}"#,
        #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[9223372036854775803,9223372036854775807]}}"#,
        #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,1e300]}}"#,
        #"{"w":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#,
        #"{"__metadata__":{"format":3},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
        #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
        String(repeating: #"{"w":"#, count: 5000), String(repeating: "[", count: 100_000),
    ])
    func refusesHostileHeaders(_ json: String) throws {
        try write(json, data: [0, 0, 128, 63])
        let layout = try ModelLayout([ParameterSpec(name: "w", shape: [1], role: .weight)])
        #expect(throws: StoreError(.corrupt, "")) { try CheckpointFile.read(path, layout: layout) }
    }

    @Test(arguments: [0, 1, 9, 1 << 20, 100_000_001, UInt64(Int.max), .max])
    func neverTrustsTheHeaderLength(_ length: UInt64) throws {
        let bytes = withUnsafeBytes(of: length.littleEndian) { Array($0) } + Array("{}      ".utf8)
        try TemporaryDirectory.write(bytes, to: path)
        #expect(throws: StoreError(.corrupt, "")) { try CheckpointFile.read(path, layout: StoreFixture.layout()) }
    }

    @Test func refusesReservedNamesAndOtherModels() throws {
        let layout = try ModelLayout([ParameterSpec(name: "__w", shape: [1], role: .weight)])
        #expect(throws: StoreError(.wrongModel, "")) {
            try CheckpointFile.write(
                Checkpoint(run: RunID("r1"), version: ModelVersion(0), parameters: ParameterVector(zeros: layout)),
                name: "c.safetensors", in: directory.path)
        }
        try CheckpointFile.write(StoreFixture.checkpoint(1), name: "c.safetensors", in: directory.path)
        #expect(throws: StoreError(.wrongModel, "")) { try CheckpointFile.read(path, layout: layout) }
        #expect(throws: StoreError(.missing, "")) { try CheckpointFile.read(path + "x", layout: layout) }
    }

    @Test func aFailedWriteKeepsTheOldFile() throws {
        #expect(throws: StoreError(.missing, "")) {
            try CheckpointFile.write(StoreFixture.checkpoint(1), name: "c.safetensors", in: directory.path + "/none")
        }
        // A directory in the file's place cannot be replaced; nothing is left beside it.
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        #expect(throws: StoreError(.unwritable, "")) {
            try CheckpointFile.write(StoreFixture.checkpoint(1), name: "c.safetensors", in: directory.path)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["c.safetensors"])
    }

    @Test(.enabled(if: PythonSafetensors.isImportable)) func pythonReadsIt() throws {
        let checkpoint = try StoreFixture.checkpoint(4)
        try CheckpointFile.write(checkpoint, name: "c.safetensors", in: directory.path)
        let program = """
            import sys
            from safetensors import safe_open
            f = safe_open(sys.argv[1], "numpy")
            t = f.get_tensor("conv1.weight")
            assert t.shape == (2, 3) and t.ravel().tolist() == [2, 3, 4, 5, 6, 7], t
            assert f.get_tensor("scalar").shape == ()
            assert len(list(f.keys())) == 6
            assert f.metadata()["version"] == "4"
            """
        #expect(PythonSafetensors.run(program, path) == 0)
    }

    private func write(_ json: String, data: [UInt8]) throws {
        let length = withUnsafeBytes(of: UInt64(json.utf8.count).littleEndian) { Array($0) }
        try TemporaryDirectory.write(length + Array(json.utf8) + data, to: path)
    }
}
