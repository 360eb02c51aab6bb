// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

@Suite struct DecodedImageTests {
    @Test func everyKindOfPNGIsRead() throws {
        let grey = try DecodedImage(PNGFile.make(width: 2, rows: [[0, 100], [200, 255]]), path: "x")
        #expect(grey.shape == InputShape(channels: 1, height: 2, width: 2) && grey.planes == [0, 100, 200, 255])
        let colours = try DecodedImage(
            PNGFile.make(width: 2, rows: [[1, 2, 3, 4, 5, 6]], colour: .colours), path: "x")
        #expect(colours.shape == InputShape(channels: 3, height: 1, width: 2))
        #expect(colours.planes == [1, 4, 2, 5, 3, 6])
        let palette = try DecodedImage(
            PNGFile.make(width: 2, rows: [[1, 0]], colour: .palette, palette: [9, 8, 7, 1, 2, 3]), path: "x")
        #expect(palette.planes == [1, 9, 2, 8, 3, 7])
        let bits = try DecodedImage(PNGFile.make(width: 3, rows: [[0b1010_0000]], bits: 1), path: "x")
        #expect(bits.planes == [255, 0, 255])
        let deep = try DecodedImage(PNGFile.make(width: 2, rows: [[0x80, 0x80, 0xFF, 0xFF]], bits: 16), path: "x")
        #expect(deep.planes == [128, 255])
    }

    @Test func whatIsTransparentLiesOnWhite() throws {
        let grey = try DecodedImage(
            PNGFile.make(width: 3, rows: [[50, 255, 50, 0, 255, 0]], colour: .greyAndAlpha), path: "x")
        #expect(grey.shape.channels == 1 && grey.planes == [50, 255, 255])
        let colours = try DecodedImage(
            PNGFile.make(width: 2, rows: [[1, 2, 3, 255, 1, 2, 3, 0]], colour: .coloursAndAlpha), path: "x")
        #expect(colours.planes == [1, 255, 2, 255, 3, 255])
    }

    @Test func everyKindOfJPEGIsRead() throws {
        for file in [JPEGFile.colours, .progressive] {
            let image = try DecodedImage(file.bytes, path: "x")
            #expect(image.shape == InputShape(channels: 3, height: 2, width: 3) && image.planes == file.planes)
        }
        let grey = try DecodedImage(JPEGFile.grey.bytes, path: "x")
        #expect(grey.shape == InputShape(channels: 1, height: 2, width: 2) && grey.planes == JPEGFile.grey.planes)
    }

    /// An image becomes what a network takes: its size, its channels, values in [0, 1].
    @Test func imagesAreFitted() throws {
        let grey = try DecodedImage(PNGFile.make(width: 2, rows: [[0, 51], [204, 255]]), path: "x")
        let same = InputShape(channels: 1, height: 2, width: 2)
        #expect(try grey.fitted(to: same) == [0, 0.2, 0.8, 1])
        let three = InputShape(channels: 3, height: 2, width: 2)
        #expect(try grey.fitted(to: three) == [0, 0.2, 0.8, 1, 0, 0.2, 0.8, 1, 0, 0.2, 0.8, 1])
        let larger = try grey.fitted(to: InputShape(channels: 1, height: 4, width: 4))
        #expect(
            larger.count == 16 && larger[0] == 0 && larger[15] == 1 && zip(larger[..<4], larger[1..<4]).allSatisfy(<=))
        let colours = try DecodedImage(
            PNGFile.make(width: 4, rows: [[255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]], colour: .colours),
            path: "x")
        let row = InputShape(channels: 1, height: 1, width: 4)
        #expect(try colours.fitted(to: row) == [76, 150, 29, 255].map { Float($0) / 255 })
        #expect(try colours.fitted(to: InputShape(channels: 3, height: 1, width: 4))[..<4] == [1, 0, 0, 1])
        let error = #expect(throws: TrainingError.self) {
            try grey.fitted(to: InputShape(channels: 4, height: 2, width: 2))
        }
        #expect(error?.code == .shapeMismatch)
    }

    private static func message(_ bytes: [UInt8]) -> String {
        let error = #expect(throws: TrainingError.self) { try DecodedImage(bytes, path: "cat/7.x") }
        #expect(error?.code == .invalidFile && error?.message.contains("cat/7.x") == true)
        return error?.message ?? ""
    }

    @Test func whatCannotBeReadIsExplained() {
        #expect(Self.message([]).contains("neither a PNG nor a JPEG"))
        #expect(Self.message(Array("GIF89a".utf8)).contains("neither a PNG nor a JPEG"))
        #expect(Self.message(JPEGFile.inks.bytes).contains("inks (CMYK)"))
        #expect(Self.message(PNGFile.make(width: 16_385, rows: [[0]])).contains("16385 x 1 pixels large"))
        #expect(Self.message(PNGFile.make(width: 16_000, rows: [[0]], height: 16_000)).contains("pixels large"))
        #expect(Self.message(PNGFile.make(width: 2, rows: [[0, 0]], height: 4000)).contains("damaged PNG"))
        #expect(Self.message(PNGFile.make(width: 0, rows: [[]])).contains("damaged PNG"))
    }

    @Test func everyCutIsNoticed() {
        for file in [
            PNGFile.make(width: 3, rows: [[1, 2, 3], [4, 5, 6]]), JPEGFile.colours.bytes, JPEGFile.grey.bytes,
        ] {
            // Without its last chunk or marker all pixels are there.
            let essential = file.count - (file[0] == 0x89 ? 12 : 2)
            for length in 0..<essential {
                #expect(throws: TrainingError(.invalidFile, "")) { try DecodedImage(Array(file[..<length]), path: "x") }
            }
        }
    }

    /// Whatever happens to the bytes of a file, there is an image or a sentence.
    @Test func damagedBytesNeverDoMore() {
        var generator = SeededGenerator(key: 7)
        let files = [
            PNGFile.make(width: 3, rows: [[1, 2, 3], [4, 5, 6]]),
            PNGFile.make(width: 2, rows: [[1, 0]], colour: .palette, palette: [9, 8, 7, 1, 2, 3]),
            JPEGFile.colours.bytes, JPEGFile.progressive.bytes, JPEGFile.grey.bytes, JPEGFile.inks.bytes,
        ]
        var refused = 0
        for round in 0..<6000 {
            var file = files[round % files.count]
            for _ in 0...generator.nextIndex(below: 4) {
                file[generator.nextIndex(below: file.count)] = UInt8(truncatingIfNeeded: generator.next())
            }
            do throws(TrainingError) {
                let image = try DecodedImage(file, path: "x")
                #expect(image.planes.count == image.shape.count)
            } catch {
                #expect(error.code == .invalidFile)
                refused += 1
            }
        }
        #expect(refused > 3000)
    }
}
