// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A folder with IDX files, in pairs of images and labels.
struct IDXFolder {
    /// Images and labels of one pair of files.
    struct Part {
        /// The shape of one image.
        var input: InputShape
        /// The images, each [channel][row][column].
        var values: Dataset.Values
        /// One label an image, at least 0.
        var labels: [Int32]
        /// Where the labels are from, for messages.
        var labelPath: String

        /// The images at `indices`, each in 0..<`labels.count`.
        func subset(_ indices: [Int]) -> Part {
            var part = self
            part.values = values.blocks(at: indices, size: input.count)
            part.labels = indices.map { labels[$0] }
            return part
        }
    }

    /// No label of a data set that does not name its classes may be larger: as many classes a classifier may have.
    private static let maximumClasses = 100_000

    /// The data set, for messages.
    let name: String
    /// The folder.
    let path: String

    /// The pair of files whose names begin with `stem`, as in `train` for `train-images-idx3-ubyte.gz`.
    ///
    /// A name may have a dot before `idx` and may end in `.gz`. Images are [n][h][w] or [n][h][w][c] or plain vectors
    /// [n][features]; whole numbers up to `largest` become bytes where that is given. Labels are whole numbers of any
    /// type, below `classes`, or where that is not given below 100,000. Throws `TrainingError.missingFile` (naming `kind`, as in
    /// `idx3-ubyte`) or `.invalidFile`.
    func part(
        _ stem: String, kind: String, largest: Int32? = nil, classes: Int? = nil
    ) throws(TrainingError) -> Part {
        let images = try array("\(stem)-images", kind: kind)
        let labels = try array("\(stem)-labels", kind: "idx1-ubyte")
        guard images.shape.count >= 2 else {
            throw TrainingError(
                .invalidFile, "\(images.path) has one dimension only, as labels have: fetch the file of images")
        }
        guard labels.shape.count == 1 else {
            throw TrainingError(
                .invalidFile,
                "\(labels.path) has \(labels.shape.count) dimensions, but labels have one: fetch the file of labels")
        }
        guard images.shape[0] == labels.shape[0] else {
            throw TrainingError(
                .invalidFile,
                "\(images.path) has \(images.shape[0]) images, but \(labels.path) has \(labels.shape[0]) labels: "
                    + "fetch both files of one data set")
        }
        let codes = try labels.integers()
        let upper = classes ?? Self.maximumClasses
        if let position = codes.firstIndex(where: { $0 < 0 || $0 >= upper }) {
            throw TrainingError(
                .invalidFile, "\(labels.path): label \(position) is not 0 to \(upper - 1): fetch the file again")
        }
        let shape = images.shape
        let input =
            switch shape.count {
            case 2: InputShape(channels: shape[1], height: 1, width: 1)
            case 3: InputShape(channels: 1, height: shape[1], width: shape[2])
            default: InputShape(channels: shape[3], height: shape[1], width: shape[2])
            }
        let values: Dataset.Values =
            if let largest { .bytes(try images.bytes(largest: largest)) } else { try images.values() }
        return Part(input: input, values: Self.planar(values, input), labels: codes, labelPath: labels.path)
    }

    /// The array in the file `base`-idx..., under whichever of its names it has, or nil where there is none.
    func arrayIfPresent(_ base: String) throws(TrainingError) -> IDXArray? {
        let found = DataFile.names(in: path).first { $0.hasPrefix(base + "-idx") || $0.hasPrefix(base + ".idx") }
        guard let found else { return nil }
        let file = DataFile.path(path, found)
        return try IDXArray(DataFile.read(file), path: file)
    }

    private func array(_ base: String, kind: String) throws(TrainingError) -> IDXArray {
        guard let array = try arrayIfPresent(base) else {
            throw TrainingError(
                .missingFile,
                "\(path) has no file \(base)-\(kind) or \(base)-\(kind).gz: data set \(name) needs it, so put it there "
                    + "or give another path")
        }
        return array
    }

    /// [row][column][channel] of each image as [channel][row][column].
    private static func planar(_ values: Dataset.Values, _ input: InputShape) -> Dataset.Values {
        switch values {
        case .bytes(let bytes): return .bytes(input.planar(bytes))
        case .floats(let floats): return .floats(input.planar(floats))
        }
    }
}
