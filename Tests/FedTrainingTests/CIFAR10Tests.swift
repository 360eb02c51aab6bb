// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTraining
import Testing

@Suite struct CIFAR10Tests {
    /// An image whose planes are `level`, `level` + 1 and `level` + 2.
    private static func record(_ label: UInt8, _ level: UInt8) -> [UInt8] {
        [label] + (UInt8(0)..<3).flatMap { [UInt8](repeating: level + $0, count: 1024) }
    }

    private static func files(in folder: String) -> [String: [UInt8]] {
        var files = [folder + "test_batch.bin": record(9, 100)]
        for batch in 1...5 {
            files[folder + "data_batch_\(batch).bin"] = record(UInt8(batch), UInt8(10 * batch)) + record(0, 200)
        }
        return files
    }

    @Test(arguments: ["", "cifar-10-batches-bin/"])
    func batchesAreReadInOrder(_ folder: String) throws {
        let data = try TemporaryFolder.with(Self.files(in: folder)) {
            try DatasetRegistry.load(DatasetSource(name: "cifar-10", path: $0))
        }
        #expect(data.train.input == InputShape(channels: 3, height: 32, width: 32))
        #expect(data.train.labels == [1, 0, 2, 0, 3, 0, 4, 0, 5, 0] && data.test.labels == [9])
        #expect(data.train.classNames[9] == "truck")
        let image = data.train.example(at: 2)
        #expect([0, 1023, 1024, 2048].map { image[$0] } == [20, 20, 21, 22].map { Float($0) / 255 })
    }

    @Test(
        arguments: [
            ("data_batch_3.bin", nil, "there is no file"), ("data_batch_3.bin", record(1, 0).dropLast(), "3072 bytes"),
            ("test_batch.bin", [], "0 bytes"),
            ("test_batch.bin", record(1, 0) + record(10, 0), "label 1 is not 0 to 9"),
        ] as [(String, [UInt8]?, String)])
    func damageIsNamed(_ file: String, _ bytes: [UInt8]?, _ says: String) throws {
        var files = Self.files(in: "")
        files[file] = bytes
        let error = #expect(throws: TrainingError.self) {
            try TemporaryFolder.with(files) { try DatasetRegistry.load(DatasetSource(name: "cifar-10", path: $0)) }
        }
        #expect(error?.message.contains(says) == true && error?.message.contains(file) == true)
    }
}
