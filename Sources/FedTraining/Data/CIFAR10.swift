// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// CIFAR-10 in its binary version (Krizhevsky 2009): records of a label and 32x32 bytes of red, green and blue each.
enum CIFAR10 {
    private static let input = InputShape(channels: 3, height: 32, width: 32)
    private static let classNames = [
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ]
    private static let trainFiles = (1...5).map { "data_batch_\($0).bin" }
    private static let testFile = "test_batch.bin"
    /// The folder in the published archive.
    private static let archiveFolder = "cifar-10-batches-bin"

    /// Reads `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin` in the folder `path`, or in its folder
    /// `cifar-10-batches-bin`; throws `TrainingError.missingFile` or `.invalidFile`.
    static func load(from path: String?) throws(TrainingError) -> DatasetSplit {
        let wanted = "the folder that holds data_batch_1.bin to data_batch_5.bin and test_batch.bin"
        guard let path else {
            throw TrainingError(.missingFile, "data set cifar-10 is read from files: give its path, \(wanted)")
        }
        guard DataFile.isFolder(path) else {
            throw TrainingError(.missingFile, "there is no folder \(path): data set cifar-10 needs \(wanted)")
        }
        let inner = DataFile.path(path, archiveFolder)
        let folder = DataFile.isFolder(inner) ? inner : path
        return DatasetSplit(train: try part(trainFiles, in: folder), test: try part([testFile], in: folder))
    }

    private static func part(_ names: [String], in folder: String) throws(TrainingError) -> Dataset {
        var pixels: [UInt8] = []
        var labels: [Int32] = []
        let record = input.count + 1
        for name in names {
            let file = DataFile.path(folder, name)
            let bytes = try DataFile.read(file)
            guard !bytes.isEmpty, bytes.count.isMultiple(of: record) else {
                throw TrainingError(
                    .invalidFile,
                    "\(file) has \(bytes.count) bytes, which are not whole records of \(record): fetch the file again")
            }
            pixels.reserveCapacity(names.count * bytes.count / record * input.count)
            for start in stride(from: 0, to: bytes.count, by: record) {
                guard bytes[start] < classNames.count else {
                    throw TrainingError(
                        .invalidFile,
                        "\(file): label \(start / record) is not 0 to \(classNames.count - 1): fetch the file again")
                }
                labels.append(Int32(bytes[start]))
                pixels += bytes[(start + 1)..<(start + record)]
            }
        }
        return try Dataset(
            name: "cifar-10", input: input, classes: classNames.count, values: .bytes(pixels), labels: labels,
            classNames: classNames)
    }
}
