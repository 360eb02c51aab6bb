// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The optical digits of the UCI repository (Alpaydin and Kaynak 1998): `optdigits.tra` and `optdigits.tes`.
///
/// Lines of 64 whole numbers in 0...16, the rows of an 8x8 image, and the label; no header.
enum OpticalDigits {
    private static let pixels = 64

    /// Reads the two files in the folder `path`; throws `TrainingError.missingFile` or `.invalidFile`.
    static func load(from path: String?) throws(TrainingError) -> DatasetSplit {
        let wanted = "the folder that holds optdigits.tra and optdigits.tes"
        guard let path else {
            throw TrainingError(.missingFile, "data set optdigits is read from files: give its path, \(wanted)")
        }
        guard DataFile.isFolder(path) else {
            throw TrainingError(.missingFile, "there is no folder \(path): data set optdigits needs \(wanted)")
        }
        return DatasetSplit(
            train: try part(DataFile.path(path, "optdigits.tra")), test: try part(DataFile.path(path, "optdigits.tes")))
    }

    private static func part(_ file: String) throws(TrainingError) -> Dataset {
        var values: [Float] = []
        var labels: [Int32] = []
        let bytes = try DataFile.read(file)
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            if line.isEmpty || line == [UInt8(ascii: "\r")] { continue }
            let fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            let numbers = fields.compactMap { Int(String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace }) }
            guard fields.count == pixels + 1, numbers.count == fields.count,
                numbers[..<pixels].allSatisfy({ (0...16).contains($0) }), (0...9).contains(numbers[pixels])
            else {
                throw TrainingError(
                    .invalidFile,
                    "\(file), line \(index + 1) is not \(pixels) numbers in 0 to 16 and a label in 0 to 9: fetch the file "
                        + "again")
            }
            values += numbers[..<pixels].lazy.map { Float($0) / 16 }
            labels.append(Int32(numbers[pixels]))
        }
        guard !labels.isEmpty else {
            throw TrainingError(.invalidFile, "\(file) holds no images: fetch the file again")
        }
        return try Dataset(
            name: "optdigits", input: InputShape(channels: 1, height: 8, width: 8), classes: 10,
            values: .floats(values),
            labels: labels)
    }
}
