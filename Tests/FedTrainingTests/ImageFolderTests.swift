// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTraining
import Testing

@Suite struct ImageFolderTests {
    /// A grey image of one row.
    private static func grey(_ values: UInt8...) -> [UInt8] { PNGFile.make(width: values.count, rows: [values]) }

    private static func load(_ files: [String: [UInt8]]) throws -> DatasetSplit {
        try TemporaryFolder.with(files) { try DatasetRegistry.load(DatasetSource(name: "images", path: $0)) }
    }

    @Test func foldersAreClassesInTheOrderOfTheirNames() throws {
        let data = try Self.load([
            "train/dog/b.PNG": Self.grey(3, 4), "train/dog/a.png": Self.grey(1, 2), "train/Cat/x.png": Self.grey(5, 6),
            "train/README.txt": [1], "train/.hidden/x.bmp": [], "train/dog/.DS_Store": [],
            "test/dog/c.png": Self.grey(7, 8),
        ])
        #expect(data.train.input == InputShape(channels: 1, height: 1, width: 2))
        #expect(data.train.classNames == ["Cat", "dog"] && data.test.classNames == ["Cat", "dog"])
        #expect(data.train.labels == [0, 1, 1] && data.test.labels == [1])
        #expect(data.train.values == .bytes([5, 6, 1, 2, 3, 4]) && data.test.values == .bytes([7, 8]))
    }

    @Test func theLastFifthOfEachClassTests() throws {
        var files: [String: [UInt8]] = [:]
        for index in UInt8(10)..<22 { files["a/\(index).png"] = Self.grey(index) }
        for index in UInt8(30)..<34 { files["b/\(index).png"] = Self.grey(index) }
        let data = try Self.load(files)
        #expect(data.train.values == .bytes(Array(10..<20) + Array(30..<34)) && data.test.values == .bytes([20, 21]))
    }

    @Test func oneColouredImageMakesAllOfThemSo() throws {
        let colours = PNGFile.make(width: 2, rows: [[1, 2, 3, 4, 5, 6]], colour: .colours)
        let data = try Self.load([
            "train/a/1.png": Self.grey(7, 8), "train/a/2.png": colours, "train/a/3.png": Self.grey(9, 9),
            "test/a/1.png": Self.grey(5, 6),
        ])
        #expect(data.train.input == InputShape(channels: 3, height: 1, width: 2))
        #expect(data.train.values == .bytes([7, 8, 7, 8, 7, 8, 1, 4, 2, 5, 3, 6, 9, 9, 9, 9, 9, 9]))
        #expect(data.test.values == .bytes([5, 6, 5, 6, 5, 6]))
        // A test image does, too.
        let late = try Self.load(["train/a/1.png": Self.grey(7, 8), "test/a/1.png": colours])
        #expect(late.train.values == .bytes([7, 8, 7, 8, 7, 8]) && late.test.values == .bytes([1, 4, 2, 5, 3, 6]))
    }

    @Test func allGetTheSizeOfTheFirst() throws {
        let data = try Self.load([
            "train/a/1.png": PNGFile.make(width: 3, rows: [[9, 9, 9], [9, 9, 9], [9, 9, 9]]),
            "train/a/2.png": PNGFile.make(width: 2, rows: [[243, 189], [6, 131]]),
            "test/a/1.jpg": JPEGFile.colours.bytes,
        ])
        #expect(data.train.input == InputShape(channels: 3, height: 3, width: 3))
        let resized: [UInt8] = [243, 216, 189, 125, 143, 160, 6, 69, 131]
        #expect(data.train.values == .bytes([UInt8](repeating: 9, count: 27) + resized + resized + resized))
        #expect(data.test.count == 1)
    }

    @Test func imagesThatDoNotFitTogetherAreRefused() throws {
        let grey = try DecodedImage(Self.grey(1, 2), path: "grey.png")
        let colours = try DecodedImage(
            PNGFile.make(width: 2, rows: [[1, 2, 3, 4, 5, 6]], colour: .colours), path: "colours.png")
        // Three images of two pixels: 6 bytes in grey, 18 in colours.
        var collection = ImageCollection(path: "folder", expected: 3, limit: 17)
        try collection.add(grey, label: 0, isTest: false)
        let error = #expect(throws: TrainingError.self) { try collection.add(colours, label: 0, isTest: true) }
        #expect(error?.code == .invalidFile)
        #expect(error?.message.contains("folder has 3 images") == true)
        #expect(error?.message.contains("2 x 1 pixels") == true)
        var enough = ImageCollection(path: "folder", expected: 3, limit: 18)
        for image in [grey, colours, grey] { try enough.add(image, label: 0, isTest: image.shape.channels == 3) }
        #expect(try enough.split(name: "images", classNames: ["a"]).train.count == 2)
    }

    @Test(
        arguments: [
            (["train/a/1.png": grey(1)], "test beside"), (["README": [1]], "holds no folders of classes"),
            (["train/a/1.png": grey(1), "test/b/1.png": grey(1)], "test/b is a class that"),
            (["train/a/1.png": grey(1), "test/readme": [1]], "test holds no images"),
            (["a/1.png": grey(1), "b/.x": [1]], "b holds no images"),
            (["a/1.png": grey(1), "a/2.bmp": [1]], "2.bmp is no .png"),
            (["a/1.png": grey(1), "a/b/1.png": grey(1)], "a/b is no .png"),
            (["a/1.png": grey(1), "b/1.png": grey(1)], "fewer than five"),
            (["train/a/1.png": grey(1), "test/a/1.jpeg": [UInt8](repeating: 7, count: 9)], "1.jpeg is neither"),
        ] as [([String: [UInt8]], String)])
    func whatIsWrongIsNamed(_ files: [String: [UInt8]], _ says: String) {
        let error = #expect(throws: TrainingError.self) { try Self.load(files) }
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
    }
}
