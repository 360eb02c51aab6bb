// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

/// A folder with the four IDX files of a data set in the manner of MNIST (LeCun et al. 1998).
struct IDXFolder {
    private static let classes = 10
    /// No file may be larger, nor hold more when decompressed: 256 MB, five times what MNIST's largest file holds.
    private static let limit = 1 << 28

    private let name: String
    private let path: String

    /// Throws `TrainingError.missingFile` unless `path` is a folder.
    init(name: String, path: String?) throws(TrainingError) {
        let wanted =
            "the folder that holds train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and "
            + "t10k-labels-idx1-ubyte, each with or without .gz"
        guard let path else {
            throw TrainingError(.missingFile, "data set \(name) is read from files: give its path, \(wanted)")
        }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            throw TrainingError(.missingFile, "there is no folder \(path): data set \(name) needs \(wanted)")
        }
        self.name = name
        self.path = path
    }

    /// Reads the four files.
    func load() throws(TrainingError) -> DatasetSplit {
        let train = try part("train")
        let test = try part("t10k")
        guard train.input == test.input else {
            throw TrainingError(
                .invalidFile,
                "\(path) holds training images of \(train.input) but test images of \(test.input): "
                    + "fetch the files of one data set")
        }
        return DatasetSplit(train: train, test: test)
    }

    private func part(_ prefix: String) throws(TrainingError) -> Dataset {
        let (imagePath, imageBytes) = try read(prefix, kind: "images", dimensions: 3)
        let (labelPath, labelBytes) = try read(prefix, kind: "labels", dimensions: 1)
        let images = try IDXArray(imageBytes, dimensions: 3, path: imagePath)
        let labels = try IDXArray(labelBytes, dimensions: 1, path: labelPath)
        guard images.shape[0] == labels.shape[0] else {
            throw TrainingError(
                .invalidFile,
                "\(imagePath) has \(images.shape[0]) images, but \(labelPath) has \(labels.shape[0]) labels: "
                    + "fetch both files of one data set")
        }
        if let position = labels.values.firstIndex(where: { $0 >= Self.classes }) {
            throw TrainingError(
                .invalidFile,
                "\(labelPath): label \(position - labels.values.startIndex) is not 0 to \(Self.classes - 1): "
                    + "fetch the file again")
        }
        return try Dataset(
            name: name, input: InputShape(channels: 1, height: images.shape[1], width: images.shape[2]),
            classes: Self.classes, values: .bytes(Array(images.values)), labels: labels.values.map(Int32.init))
    }

    /// The decompressed bytes of one of the four files, under whichever of its names it has.
    private func read(
        _ prefix: String, kind: String, dimensions: Int
    ) throws(TrainingError) -> (path: String, bytes: [UInt8]) {
        let names = ["-", "."].flatMap { separator in
            ["", ".gz"].map { "\(prefix)-\(kind)\(separator)idx\(dimensions)-ubyte\($0)" }
        }
        let paths = names.map { path.hasSuffix("/") ? path + $0 : path + "/" + $0 }
        guard let found = paths.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
            throw TrainingError(
                .missingFile,
                "\(path) has no file \(names[0]) or \(names[1]): data set \(name) needs it, so put it there or give "
                    + "another path")
        }
        guard let size = (try? FileManager.default.attributesOfItem(atPath: found))?[.size] as? Int,
            size <= Self.limit
        else {
            throw TrainingError(
                .invalidFile, "\(found) is larger than \(Self.limit) bytes: it is not the published file, fetch that")
        }
        guard let data = FileManager.default.contents(atPath: found) else {
            throw TrainingError(.missingFile, "\(found) cannot be read: check its permissions")
        }
        let bytes = [UInt8](data)
        guard bytes.starts(with: [0x1F, 0x8B]) else { return (found, bytes) }
        return (found, try Inflater.inflate(bytes, limit: Self.limit, path: found))
    }
}
