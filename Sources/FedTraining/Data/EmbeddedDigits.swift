// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The 1,797 test images of the UCI optical digits (Alpaydin and Kaynak 1998), 8x8 pixels, which need no file.
enum EmbeddedDigits {
    /// Images altogether.
    static let count = 1797
    private static let pixels = 64

    /// Training and test parts.
    ///
    /// Of each class, the fifth, tenth, ... image in file order is a test image: 1,442 images to train on and 355 to
    /// test with, the same ones always. Both parts hold digits by the same writers. Throws
    /// `TrainingError.invalidFile` where the program itself is damaged.
    static func load() throws(TrainingError) -> DatasetSplit {
        let stream = payload.withUTF8Buffer { decodeBase64($0) }
        let bytes = try Inflater.inflate(stream, limit: count * (pixels + 1), path: "the embedded digits")
        guard bytes.count == count * (pixels + 1) else {
            throw TrainingError(.invalidFile, "the embedded digits are damaged: install the program again")
        }
        var seen = [Int](repeating: 0, count: 10)
        var images: (train: [Float], test: [Float]) = ([], [])
        var labels: (train: [Int32], test: [Int32]) = ([], [])
        for start in stride(from: 0, to: bytes.count, by: pixels + 1) {
            let label = Int(bytes[start + pixels])
            guard label < seen.count else {
                throw TrainingError(.invalidFile, "the embedded digits are damaged: install the program again")
            }
            let image = bytes[start..<(start + pixels)].lazy.map { Float($0) / 16 }
            if seen[label] % 5 == 4 {
                images.test += image
                labels.test.append(Int32(label))
            } else {
                images.train += image
                labels.train.append(Int32(label))
            }
            seen[label] += 1
        }
        let shape = InputShape(channels: 1, height: 8, width: 8)
        return DatasetSplit(
            train: try Dataset(name: "digits", input: shape, classes: 10, images: images.train, labels: labels.train),
            test: try Dataset(name: "digits", input: shape, classes: 10, images: images.test, labels: labels.test))
    }

    /// The bytes of base64 text; other characters, such as line breaks and padding, are passed over.
    private static func decodeBase64(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var bits: UInt32 = 0
        var held = 0
        for character in text {
            let value: UInt8
            switch character {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - UInt8(ascii: "0") + 52
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            default: continue
            }
            bits = bits << 6 | UInt32(value)
            held += 6
            if held >= 8 {
                held -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
            }
        }
        return bytes
    }
}
