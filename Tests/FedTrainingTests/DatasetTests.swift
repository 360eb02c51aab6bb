// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTraining
import Testing

@Suite struct DatasetTests {
    @Test func digitsAreWhatTheyAre() throws {
        let data = try DatasetRegistry.load(name: "digits", path: nil)
        #expect(data.train.count == 1442 && data.test.count == 355)
        for part in [data.train, data.test] {
            #expect(part.input == InputShape(channels: 1, height: 8, width: 8))
            #expect(part.images.allSatisfy { (0...1).contains($0) && ($0 * 16).rounded() == $0 * 16 })
            #expect(Set(part.labels) == Set(0..<10))
        }
        // The first line of the published file.
        #expect(data.train.images.prefix(8).map { $0 * 16 } == [0, 0, 5, 13, 9, 1, 0, 0])
        #expect(data.train.labels.prefix(3) == [0, 1, 2])
        // 178, 182, 177, 183, 181, 182, 181, 179, 174, 180 images of the classes 0 to 9.
        let counts = (0..<10).map { label in (data.train.labels + data.test.labels).count { $0 == label } }
        #expect(counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    }

    @Test func subsetsKeepOrderAndLabels() throws {
        let shape = InputShape(channels: 1, height: 1, width: 2)
        let data = try Dataset(name: "x", input: shape, classes: 3, images: [0, 1, 2, 3, 4, 5], labels: [2, 0, 1])
        let part = data.subset([2, 0, 2])
        #expect(part.images == [4, 5, 0, 1, 4, 5])
        #expect(part.labels == [1, 2, 1])
        #expect(data.subset([]).count == 0)
    }

    @Test(arguments: [
        ([Float](repeating: 0, count: 5), [Int32(0), 1]), ([0, 0, 0, 0], [0, 2]), ([0, 0, 0, 0], [-1, 0]),
    ])
    func inconsistentDataAreRefused(_ images: [Float], _ labels: [Int32]) {
        #expect(throws: TrainingError(.shapeMismatch, "")) {
            try Dataset(
                name: "x", input: InputShape(channels: 1, height: 1, width: 2), classes: 2, images: images,
                labels: labels)
        }
    }

    @Test func unknownNamesAreExplained() {
        let error = #expect(throws: TrainingError.self) { try DatasetRegistry.load(name: "minst", path: nil) }
        #expect(error?.code == .unknownDataset)
        #expect(error?.message.contains("did you mean mnist?") == true)
    }
}
