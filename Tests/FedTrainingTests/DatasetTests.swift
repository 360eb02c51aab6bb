// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTraining
import Testing

@Suite struct DatasetTests {
    /// Choices are made by examples that do not test: a fifth of the training part of each class.
    @Test func validationIsAFifthOfTheTrainingPart() throws {
        let split = try DatasetRegistry.load(DatasetSource(name: "digits"))
        let validation = split.validation
        for label in Int32(0)..<10 {
            let count = split.train.labels.count { $0 == label }
            #expect(validation.labels.count { $0 == label } == count / 5)
        }
        let last = try #require(split.train.labels.lastIndex(of: 3))
        let chosen = try #require(validation.labels.lastIndex(of: 3))
        #expect(validation.example(at: chosen) == split.train.example(at: last))
        let few = DatasetSplit(train: split.train.subset([0, 1, 2]), test: split.test)
        #expect(few.validation.labels == few.train.labels)
    }

    @Test func digitsAreWhatTheyAre() throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "digits"))
        #expect(data.train.count == 1442 && data.test.count == 355)
        for part in [data.train, data.test] {
            #expect(part.input == InputShape(channels: 1, height: 8, width: 8))
            for index in 0..<part.count {
                let image = part.example(at: index)
                #expect(image.allSatisfy { (0...1).contains($0) && ($0 * 16).rounded() == $0 * 16 })
            }
            #expect(Set(part.labels) == Set(0..<10))
        }
        // The first line of the published file.
        #expect(data.train.example(at: 0).prefix(8).map { $0 * 16 } == [0, 0, 5, 13, 9, 1, 0, 0])
        #expect(data.train.labels.prefix(3) == [0, 1, 2])
        // 178, 182, 177, 183, 181, 182, 181, 179, 174, 180 images of the classes 0 to 9.
        let counts = (0..<10).map { label in (data.train.labels + data.test.labels).count { $0 == label } }
        #expect(counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    }

    @Test func subsetsKeepOrderAndLabels() throws {
        let shape = InputShape(channels: 1, height: 1, width: 2)
        let data = try Dataset(name: "x", input: shape, classes: 3, images: [0, 1, 2, 3, 4, 5], labels: [2, 0, 1])
        let part = data.subset([2, 0, 2])
        #expect(part.values == .floats([4, 5, 0, 1, 4, 5]))
        #expect(part.labels == [1, 2, 1])
        #expect(data.subset([]).count == 0)
    }

    @Test func subsetsKeepBytesNamesAndAttributes() throws {
        let shape = InputShape(channels: 1, height: 1, width: 2)
        let writer = ExampleAttribute(name: "writer", values: ["ann", "bob"], codes: [1, 0, 1])
        let data = try Dataset(
            name: "x", input: shape, classes: 2, values: .bytes([0, 1, 2, 3, 4, 5]), labels: [0, 1, 0],
            classNames: ["no", "yes"], attributes: [writer])
        let part = data.subset([1, 2])
        #expect(part.values == .bytes([2, 3, 4, 5]))
        #expect(part.classNames == ["no", "yes"])
        #expect(part.attribute(named: "writer")?.codes == [0, 1])
        #expect(part.attribute(named: "writer")?.values == ["ann", "bob"])
        #expect(part.attribute(named: "hospital") == nil)
    }

    @Test func bytesBecomeTheNearestFloats() throws {
        let bytes = (0...255).map { UInt8($0) }
        // All sizes around the widths of vectors.
        for size in 1...64 {
            let data = try Dataset(
                name: "x", input: InputShape(channels: 1, height: 1, width: size), classes: 1,
                values: .bytes(Array(bytes.prefix(256 / size * size))),
                labels: [Int32](repeating: 0, count: 256 / size))
            for index in 0..<data.count {
                #expect(data.example(at: index) == (0..<size).map { Float(bytes[index * size + $0]) / 255 })
            }
        }
    }

    @Test(arguments: [
        ExampleAttribute(name: "a", values: ["x"], codes: [0]),
        ExampleAttribute(name: "a", values: ["x"], codes: [0, 1]),
        ExampleAttribute(name: "a", values: ["x"], codes: [-1, 0]),
    ])
    func inconsistentAttributesAreRefused(_ attribute: ExampleAttribute) {
        #expect(throws: TrainingError(.shapeMismatch, "")) {
            try Dataset(
                name: "x", input: InputShape(channels: 1, height: 1, width: 1), classes: 1, values: .bytes([1, 2]),
                labels: [0, 0], attributes: [attribute])
        }
    }

    @Test func inconsistentClassNamesAreRefused() {
        #expect(throws: TrainingError(.shapeMismatch, "")) {
            try Dataset(
                name: "x", input: InputShape(channels: 1, height: 1, width: 1), classes: 2, values: .bytes([1]),
                labels: [0], classNames: ["only"])
        }
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
        let error = #expect(throws: TrainingError.self) { try DatasetRegistry.load(DatasetSource(name: "minst")) }
        #expect(error?.code == .unknownDataset)
        #expect(error?.message.contains("did you mean mnist?") == true)
    }
}
