// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTraining
import Foundation
import Testing

@Suite struct IDXFolderTests {
    private static let names = (
        trainImages: "train-images-idx3-ubyte", trainLabels: "train-labels-idx1-ubyte",
        testImages: "t10k-images-idx3-ubyte", testLabels: "t10k-labels-idx1-ubyte"
    )

    /// Two training images and one test image of 2x3 pixels.
    private static let good: [String: [UInt8]] = [
        names.trainImages: [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3] + [0, 51, 102, 153, 204, 255]
            + [255, 0, 0, 0, 0, 0],
        names.trainLabels: [0, 0, 8, 1, 0, 0, 0, 2, 9, 0],
        names.testImages: [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6],
        names.testLabels: [0, 0, 8, 1, 0, 0, 0, 1, 4],
    ]

    private static func load(_ files: [String: [UInt8]], name: String = "mnist") throws -> DatasetSplit {
        let folder = FileManager.default.temporaryDirectory.appending(path: "idx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (file, bytes) in files { try Data(bytes).write(to: folder.appending(path: file)) }
        return try DatasetRegistry.load(DatasetSource(name: name, path: folder.path))
    }

    /// A gzip stream that stores its content as it is (RFC 1951, 3.2.4, and RFC 1952).
    private static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        func little(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        var sum: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? (sum >> 1) ^ 0xEDB8_8320 : sum >> 1 }
        }
        return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1] + little(bytes.count, 2) + little(~bytes.count, 2) + bytes
            + little(Int(~sum), 4) + little(bytes.count, 4)
    }

    private static func renamed(_ change: (String) -> String, _ bytes: ([UInt8]) -> [UInt8] = { $0 }) -> [String:
        [UInt8]]
    {
        Dictionary(uniqueKeysWithValues: good.map { (change($0.key), bytes($0.value)) })
    }

    @Test(arguments: [
        good,
        renamed {
            $0 + ".gz"
        } _: {
            gzip($0)
        }, renamed { $0.replacing("-idx", with: ".idx") },
        renamed {
            $0.replacing("-idx", with: ".idx") + ".gz"
        } _: {
            gzip($0)
        },
        renamed {
            $0
        } _: {
            gzip($0)
        },
    ])
    func filesAreFoundAndDecoded(_ files: [String: [UInt8]]) throws {
        let data = try Self.load(files)
        #expect(data.train.input == InputShape(channels: 1, height: 2, width: 3))
        #expect(data.train.values == .bytes([0, 51, 102, 153, 204, 255, 255, 0, 0, 0, 0, 0]))
        #expect(data.train.example(at: 0) == [0, 0.2, 0.4, 0.6, 0.8, 1])
        #expect(data.train.labels == [9, 0])
        #expect(data.test.count == 1 && data.test.labels == [4])
        #expect(data.train.classes == 10)
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var file: String
        var change: @Sendable ([UInt8]) -> [UInt8]
        var says: String
    }

    static let damages = [
        Damage(
            testDescription: "wrong magic", file: names.trainImages, change: { [1] + $0.dropFirst() }, says: "begin"),
        Damage(
            testDescription: "wrong type", file: names.trainLabels, change: { [0, 0, 10] + $0.dropFirst(3) },
            says: "begin"),
        Damage(
            testDescription: "images for labels", file: names.trainLabels,
            change: { _ in good[names.trainImages] ?? [] },
            says: "have one"),
        Damage(
            testDescription: "labels for images", file: names.testImages,
            change: { _ in good[names.testLabels] ?? [] }, says: "one dimension only"),
        Damage(
            testDescription: "labels with fractions", file: names.testLabels,
            change: { _ in [0, 0, 0x0D, 1, 0, 0, 0, 1, 0x3F, 0x80, 0, 0] }, says: "fractions"),
        Damage(testDescription: "cut short", file: names.testImages, change: { $0.dropLast() }, says: "cut short"),
        Damage(testDescription: "trailing byte", file: names.testLabels, change: { $0 + [0] }, says: "1 bytes after"),
        Damage(testDescription: "no header", file: names.testLabels, change: { _ in [0, 0, 8] }, says: "header"),
        Damage(testDescription: "empty", file: names.testImages, change: { _ in [] }, says: "header"),
        Damage(
            testDescription: "overflowing dimensions", file: names.trainImages,
            change: { [0, 0, 8, 3] + [UInt8](repeating: 255, count: 12) + $0.dropFirst(16) }, says: "impossible"),
        Damage(
            testDescription: "no images", file: names.testImages,
            change: { _ in [0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 3] }, says: "impossible"),
        Damage(
            testDescription: "other count", file: names.testLabels, change: { _ in good[names.trainLabels] ?? [] },
            says: "1 images, but"),
        Damage(testDescription: "label 10", file: names.testLabels, change: { $0.dropLast() + [10] }, says: "label 0"),
        Damage(
            testDescription: "other size", file: names.testImages,
            change: { _ in [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 7] }, says: "1x1x1"),
        Damage(
            testDescription: "damaged gzip", file: names.trainImages,
            change: { gzip($0).enumerated().map { $0.offset == 20 ? $0.element ^ 1 : $0.element } }, says: "damaged"),
        Damage(
            testDescription: "cut gzip", file: names.trainImages, change: { gzip($0).dropLast(5) }, says: "middle"),
        Damage(
            testDescription: "bytes after gzip", file: names.trainImages, change: { gzip($0) + [1] },
            says: "after the end"),
    ]

    @Test func labelsThatWouldMakeBillionsOfClassesAreRefused() {
        var files = Self.good
        files[Self.names.trainLabels] = [0, 0, 0x0C, 1, 0, 0, 0, 2, 0, 0, 0, 9, 0x7F, 0xFF, 0xFF, 0xFE]
        let error = #expect(throws: TrainingError.self) { try Self.load(files, name: "idx") }
        #expect(error?.code == .invalidFile)
        #expect(error?.message.contains("train-labels-idx1-ubyte: label 1 is not 0 to 99999") == true)
    }

    @Test(arguments: damages)
    func damageIsNamed(_ damage: Damage) throws {
        var files = Self.good
        files[damage.file] = damage.change(files[damage.file] ?? [])
        let error = #expect(throws: TrainingError.self) { try Self.load(files) }
        #expect(error?.code == .invalidFile)
        #expect(error?.message.contains(damage.says) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("idx-") == true)
        #expect(error?.message.contains("fetch") == true)
    }

    @Test func decompressionHasALimit() throws {
        let stream = Self.gzip([UInt8](repeating: 7, count: 1000))
        #expect(try Inflater.inflate(stream, limit: 1000, path: "x").count == 1000)
        #expect(throws: TrainingError(.invalidFile, "")) { try Inflater.inflate(stream, limit: 999, path: "x") }
    }

    @Test func everyCutOfAStreamIsNoticed() {
        let stream = Self.gzip([1, 2, 3])
        for length in stream.indices {
            #expect(throws: TrainingError(.invalidFile, "")) {
                try Inflater.inflate(Array(stream[..<length]), limit: 100, path: "x")
            }
        }
    }

    @Test func missingFilesAreNamed() throws {
        var files = Self.good
        files[Self.names.testLabels] = nil
        let error = #expect(throws: TrainingError.self) { try Self.load(files, name: "fashion-mnist") }
        #expect(error?.code == .missingFile)
        #expect(error?.message.contains("t10k-labels-idx1-ubyte.gz") == true)
        for path in [nil, "/nonexistent"] {
            let error = #expect(throws: TrainingError.self) {
                try DatasetRegistry.load(DatasetSource(name: "mnist", path: path))
            }
            #expect(error?.code == .missingFile)
            #expect(error?.message.contains("train-images-idx3-ubyte") == true)
        }
    }

    @Test(
        .enabled(if: RealData.folder != nil, "\(RealData.comment)"),
        arguments: [("mnist", "mnist", [5, 0, 4]), ("fashion-mnist", "fashion_mnist", [9, 0, 0])])
    func publishedFilesLoad(_ name: String, _ subfolder: String, _ labels: [Int32]) throws {
        let data = try DatasetRegistry.load(DatasetSource(name: name, path: RealData.path(subfolder)))
        #expect(data.train.count == 60_000 && data.test.count == 10_000)
        #expect(data.train.input == InputShape(channels: 1, height: 28, width: 28))
        #expect(Array(data.train.labels.prefix(3)) == labels)
    }
}
