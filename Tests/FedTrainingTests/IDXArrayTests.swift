// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTraining
import Testing

@Suite struct IDXArrayTests {
    /// `values` as they are in a file of each type.
    private static func encode(_ type: UInt8, _ values: [Double]) -> [UInt8] {
        func big(_ pattern: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: pattern.bigEndian) { Array($0) } }
        return values.flatMap { value -> [UInt8] in
            switch type {
            case 0x08: big(UInt8(value))
            case 0x09: big(Int8(value))
            case 0x0B: big(Int16(value))
            case 0x0C: big(Int32(value))
            case 0x0D: big(Float(value).bitPattern)
            default: big(value.bitPattern)
            }
        }
    }

    private static func header(_ type: UInt8, _ shape: [Int]) -> [UInt8] {
        [0, 0, type, UInt8(shape.count)] + shape.flatMap { [0, 0, 0, UInt8($0)] as [UInt8] }
    }

    static let types: [(UInt8, [Double])] = [
        (0x08, [0, 1, 128, 255, 7, 9]), (0x09, [-128, -1, 0, 1, 127, 5]), (0x0B, [-32768, -2, 0, 1, 258, 32767]),
        (0x0C, [-2_147_483_648, -3, 0, 65_537, 16_777_216, 99]), (0x0D, [-0.5, 0, 1.25, 1e30, -1e-30, 3]),
        (0x0E, [-0.5, 0, 1.25, 1e30, 0.1, 3]),
    ]

    @Test(arguments: types, [[6], [2, 3], [1, 2, 3], [3, 1, 2, 1]])
    func everyTypeAndRankIsRead(_ type: (code: UInt8, values: [Double]), _ shape: [Int]) throws {
        let array = try IDXArray(Self.header(type.code, shape) + Self.encode(type.code, type.values), path: "x")
        #expect(array.shape == shape && array.count == 6)
        switch try array.values() {
        case .bytes(let bytes): #expect(type.code == 0x08 && bytes.map { Double($0) } == type.values)
        case .floats(let floats): #expect(type.code != 0x08 && floats == type.values.map { Float($0) })
        }
        if array.element.isInteger {
            #expect(try array.integers().map { Double($0) } == type.values)
        } else {
            #expect(throws: TrainingError(.invalidFile, "")) { try array.integers() }
        }
    }

    @Test(arguments: types)
    func everyCutIsNoticed(_ type: (code: UInt8, values: [Double])) {
        let file = Self.header(type.code, [2, 3]) + Self.encode(type.code, type.values)
        for length in file.indices {
            #expect(throws: TrainingError(.invalidFile, "")) { try IDXArray(Array(file[..<length]), path: "x") }
        }
        #expect(throws: TrainingError(.invalidFile, "")) { try IDXArray(file + [0], path: "x") }
    }

    @Test(arguments: [(UInt8(0x0D), Double.nan), (0x0D, .infinity), (0x0E, -.infinity), (0x0E, .nan), (0x0E, 1e300)])
    func valuesThatAreNoNumbersAreNamed(_ type: UInt8, _ value: Double) throws {
        let file = Self.header(type, [2, 3]) + Self.encode(type, [0, 1, 2, 3, value, 5])
        let error = #expect(throws: TrainingError.self) { try IDXArray(file, path: "folder/x").values() }
        #expect(error?.message.contains("folder/x: value 4 (of example 1) is not a finite number") == true)
    }

    @Test(arguments: [0, 7, 10, 15, 255])
    func otherTypesAreRefused(_ type: UInt8) {
        #expect(throws: TrainingError(.invalidFile, "")) { try IDXArray([0, 0, type, 1, 0, 0, 0, 1, 5], path: "x") }
    }

    @Test(arguments: [0, 5, 255])
    func otherRanksAreRefused(_ rank: UInt8) {
        let file = [0, 0, 8, rank] + [UInt8](repeating: 1, count: 40)
        #expect(throws: TrainingError(.invalidFile, "")) { try IDXArray(file, path: "x") }
    }

    @Test func channelsComeFirstAndClassesFollowTheLabels() throws {
        let files: [String: [UInt8]] = [
            "train-images-idx4-float": Self.header(0x0D, [2, 1, 2, 3])
                + Self.encode(0x0D, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
            "train-labels-idx1-int": Self.header(0x0C, [2]) + Self.encode(0x0C, [2, 0]),
            "t10k-images-idx4-double": Self.header(0x0E, [1, 1, 2, 3]) + Self.encode(0x0E, [1, 2, 3, 4, 5, 6]),
            "t10k-labels-idx1-short": Self.header(0x0B, [1]) + Self.encode(0x0B, [1]),
        ]
        let data = try TemporaryFolder.with(files) { try DatasetRegistry.load(DatasetSource(name: "idx", path: $0)) }
        #expect(data.train.input == InputShape(channels: 3, height: 1, width: 2) && data.train.classes == 3)
        #expect(data.train.values == .floats([0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]))
        #expect(data.test.values == .floats([1, 4, 2, 5, 3, 6]))
        #expect(data.train.labels == [2, 0] && data.test.labels == [1])
    }

    @Test func aTestLabelMustBeAClassOfTraining() throws {
        let files: [String: [UInt8]] = [
            "train-images-idx2-ubyte": Self.header(8, [1, 2]) + [1, 2],
            "train-labels-idx1-ubyte": Self.header(8, [1]) + [1],
            "t10k-images-idx2-ubyte": Self.header(8, [1, 2]) + [1, 2],
            "t10k-labels-idx1-ubyte": Self.header(8, [1]) + [2],
        ]
        let error = #expect(throws: TrainingError.self) {
            try TemporaryFolder.with(files) { try DatasetRegistry.load(DatasetSource(name: "idx", path: $0)) }
        }
        #expect(error?.message.contains("t10k-labels-idx1-ubyte: label 0 is not 0 to 1") == true)
    }
}
