// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Who wrote the images of MNIST, from the files of QMNIST (Yadav and Bottou 2019).
///
/// Row i of the table for training belongs to training image i, rows 0 to 9,999 of that for testing to the test images;
/// column 0 is the label, column 2 the number of the writer. The writers of the two parts are different people.
enum MNISTWriters {
    /// The folder of the tables, in the folder of MNIST or beside it.
    static let folder = "qmnist_writers"

    /// `split` with the attribute `writer`, if the tables are in `path`, in its folder `qmnist_writers`, or in a folder of
    /// that name beside it; otherwise `split` as it is.
    ///
    /// The values of each part are its own writers, by ascending number. Throws `TrainingError.invalidFile` where a table
    /// is damaged or is not that of these images.
    static func adding(to split: DatasetSplit, path: String) throws(TrainingError) -> DatasetSplit {
        for folder in [path, DataFile.path(path, folder), DataFile.path(path, "../" + folder)] {
            let tables = IDXFolder(name: split.train.name, path: folder)
            guard let train = try tables.arrayIfPresent("qmnist-train-labels"),
                let test = try tables.arrayIfPresent("qmnist-test-labels")
            else { continue }
            return DatasetSplit(train: try adding(train, to: split.train), test: try adding(test, to: split.test))
        }
        return split
    }

    private static func adding(_ table: IDXArray, to data: Dataset) throws(TrainingError) -> Dataset {
        guard table.shape.count == 2, table.shape[1] >= 3, table.shape[0] >= data.count else {
            throw TrainingError(
                .invalidFile,
                "\(table.path) is not a table of \(data.count) rows or more with the label and the writer of each image: "
                    + "fetch the file again")
        }
        let columns = table.shape[1]
        let entries = try table.integers()
        for index in 0..<data.count where entries[index * columns] != data.labels[index] {
            throw TrainingError(
                .invalidFile,
                "\(table.path): row \(index) has another label than image \(index) of \(data.name): fetch the files that "
                    + "belong together")
        }
        let writers = (0..<data.count).map { entries[$0 * columns + 2] }
        return try data.adding(ExampleAttribute(name: "writer", numbers: writers))
    }
}
