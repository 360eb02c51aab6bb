// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStore
import Foundation
import Testing

@Suite struct SafetensorsModelTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path + "/m.safetensors"
    }

    private func write(_ json: String, _ values: [Float]) throws {
        let length = withUnsafeBytes(of: UInt64(json.utf8.count).littleEndian) { Array($0) }
        try TemporaryDirectory.write(length + Array(json.utf8) + values.withUnsafeBytes { Array($0) }, to: path)
    }

    @Test func readsWhatACheckpointHolds() throws {
        var checkpoint = try StoreFixture.checkpoint(3)
        checkpoint.state = ["optimizer.momentum": [1, 2, 3]]
        try CheckpointFile.write(checkpoint, name: "m.safetensors", in: directory.path)
        let read = try SafetensorsModel.read(path)
        #expect(read.values == checkpoint.parameters.values)
        #expect(read.layout.parameters.map(\.name) == checkpoint.parameters.layout.parameters.map(\.name))
        #expect(try SafetensorsModel.layout(of: path) == read.layout)
    }

    @Test func namesTellRoles() throws {
        let tensors = [
            ("conv.weight", "[1,2]", ParameterRole.weight), ("conv.bias", "[2]", .bias),
            ("bn.weight", "[2]", .normScale),
            ("bn.bias", "[2]", .normShift), ("bn.running_mean", "[2]", .cleanStatistics),
            ("bn.running_var", "[2]", .cleanStatistics), ("embedding", "[2]", .weight),
        ]
        let entries = tensors.enumerated().map { index, tensor in
            "\"\(tensor.0)\":{\"dtype\":\"F32\",\"shape\":\(tensor.1),\"data_offsets\":[\(8 * index),\(8 * index + 8)]}"
        }
        let values = (0..<14).map(Float.init)
        try write("{\(entries.reversed().joined(separator: ","))}", values)
        let model = try SafetensorsModel.read(path)
        #expect(model.layout.parameters.map(\.name) == tensors.map(\.0))
        #expect(model.layout.parameters.map(\.role) == tensors.map(\.2))
        #expect(model.values == values)
    }

    @Test func emptyTensorsArePassedOver() throws {
        let empty = #""e":{"dtype":"F32","shape":[0,3],"data_offsets":[0,0]}"#
        try write(#"{"# + empty + #","w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, [2])
        #expect(try SafetensorsModel.read(path).layout.parameters.map(\.name) == ["w"])
        try write("{\(empty)}", [])
        #expect(throws: StoreError(.wrongModel, "")) { try SafetensorsModel.layout(of: path) }
    }

    @Test func otherTypesAreNamed() throws {
        try write(#"{"steps":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#, [0, 0])
        let error = #expect(throws: StoreError.self) { try SafetensorsModel.layout(of: path) }
        #expect(error?.message.contains("steps is of I64") == true)
    }

    @Test func damagedFilesAreRefused() throws {
        try CheckpointFile.write(StoreFixture.checkpoint(3), name: "m.safetensors", in: directory.path)
        let bytes = try TemporaryDirectory.read(path)
        for length in 0..<bytes.count {
            try TemporaryDirectory.write(Array(bytes[..<length]), to: path)
            #expect(throws: StoreError(.corrupt, "")) { try SafetensorsModel.read(path) }
        }
        #expect(throws: StoreError(.missing, "")) { try SafetensorsModel.read(path + "x") }
        #expect(throws: StoreError.self) { try SafetensorsModel.read(directory.path) }
    }
}
