// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A published data set that is IDX files in a folder: which files, and which of their images train and which test.
struct PublishedImages {
    /// How images are divided into those that train and those that test.
    enum Division {
        /// A pair of files each, by the beginnings of their names.
        case files(train: String, test: String)
        /// One pair of files; of n images the first ⌊n · train / all⌋ train.
        case leading(String, train: Int, of: Int)
        /// One pair of files; of each class the last fifth in file order tests, so that neighbours stay together.
        case lastFifthOfEachClass(String)
    }

    /// What run files call it.
    let name: String
    /// The files.
    let division: Division
    /// The end of the name of a file of images, as in `idx3-ubyte`.
    let kind: String
    /// Pixels are whole numbers in 0...largest and become bytes; nil where they stay what they are.
    let largest: Int32?
    /// The names of the classes; nil where there are as many as the labels say.
    let classNames: [String]?

    private static let digits = (0...9).map { String($0) }

    /// MNIST (LeCun et al. 1998).
    static let mnist = PublishedImages(
        name: "mnist", division: .files(train: "train", test: "t10k"), kind: "idx3-ubyte", largest: nil,
        classNames: digits)
    /// Fashion-MNIST (Xiao, Rasul and Vollgraf 2017).
    static let fashionMNIST = PublishedImages(
        name: "fashion-mnist", division: .files(train: "train", test: "t10k"), kind: "idx3-ubyte", largest: nil,
        classNames: [
            "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
        ])
    /// USPS (Hull 1994), whose 2,001 levels of grey are rounded to 256.
    static let usps = PublishedImages(
        name: "usps", division: .files(train: "usps-train", test: "usps-test"), kind: "idx3-short", largest: 2000,
        classNames: digits)
    /// The first part of MNIST-M (Ganin et al. 2016); its image i is MNIST's image i.
    static let mnistM = PublishedImages(
        name: "mnist-m", division: .files(train: "mnistm-train7438", test: "mnistm-test1860"), kind: "idx4-ubyte",
        largest: 255, classNames: digits)
    /// The first part of SVHN's training images (Netzer et al. 2011).
    static let svhn = PublishedImages(
        name: "svhn", division: .leading("svhn-train-first1083", train: 743, of: 1083), kind: "idx4-ubyte",
        largest: 255, classNames: digits)
    /// Digits cut from photographs of meters, sorted by class, neighbours nearly alike.
    static let meterDigits = PublishedImages(
        name: "meter-digits", division: .lastFifthOfEachClass("meterdigits10"), kind: "idx4-ubyte", largest: 255,
        classNames: digits)
    /// Anybody's files, named as MNIST's are.
    static let idx = PublishedImages(
        name: "idx", division: .files(train: "train", test: "t10k"), kind: "idx3-ubyte", largest: nil, classNames: nil)

    /// All of them.
    static let all = [mnist, fashionMNIST, usps, mnistM, svhn, meterDigits, idx]

    /// Reads both parts; throws `TrainingError.missingFile` or `.invalidFile`.
    func load(from path: String?) throws(TrainingError) -> DatasetSplit {
        let (train, test) = try parts(from: path)
        guard train.input == test.input else {
            throw TrainingError(
                .invalidFile,
                "\(path ?? "") holds training images of \(train.input) but test images of \(test.input): "
                    + "fetch the files of one data set")
        }
        guard !train.labels.isEmpty, !test.labels.isEmpty else {
            throw TrainingError(
                .invalidFile,
                "\(train.labelPath) has too few images to divide into some that train and some that test: fetch the "
                    + "published files")
        }
        let classes = classNames?.count ?? Int(train.labels.max() ?? 0) + 1
        if let position = test.labels.firstIndex(where: { $0 >= classes }) {
            throw TrainingError(
                .invalidFile,
                "\(test.labelPath): label \(position) is not 0 to \(classes - 1), the classes of the training images: "
                    + "fetch the files of one data set")
        }
        func dataset(_ part: IDXFolder.Part) throws(TrainingError) -> Dataset {
            try Dataset(
                name: name, input: part.input, classes: classes, values: part.values, labels: part.labels,
                classNames: classNames)
        }
        return DatasetSplit(train: try dataset(train), test: try dataset(test))
    }

    /// What the folder at `path` holds, divided.
    func parts(from path: String?) throws(TrainingError) -> (train: IDXFolder.Part, test: IDXFolder.Part) {
        let folder = IDXFolder(name: name, path: try folder(path))
        func part(_ stem: String) throws(TrainingError) -> IDXFolder.Part {
            try folder.part(stem, kind: kind, largest: largest, classes: classNames?.count)
        }
        switch division {
        case .files(let train, let test): return (try part(train), try part(test))
        case .leading(let stem, let train, let all):
            let whole = try part(stem)
            let cut = whole.labels.count * train / all
            return (whole.subset(Array(0..<cut)), whole.subset(Array(cut..<whole.labels.count)))
        case .lastFifthOfEachClass(let stem):
            let whole = try part(stem)
            let (train, test) = LastFifth.ofEachClass(labels: whole.labels)
            return (whole.subset(train), whole.subset(test))
        }
    }

    /// `path`, which must be a folder.
    private func folder(_ path: String?) throws(TrainingError) -> String {
        let stems =
            switch division {
            case .files(let train, let test): [train, test]
            case .leading(let stem, _, _), .lastFifthOfEachClass(let stem): [stem]
            }
        let files = stems.flatMap { ["\($0)-images-\(kind)", "\($0)-labels-idx1-ubyte"] }
        let wanted =
            "the folder that holds \(files.dropLast().joined(separator: ", ")) and \(files[files.count - 1]), each with "
            + "or without .gz"
        guard let path else {
            throw TrainingError(.missingFile, "data set \(name) is read from files: give its path, \(wanted)")
        }
        guard DataFile.isFolder(path) else {
            throw TrainingError(.missingFile, "there is no folder \(path): data set \(name) needs \(wanted)")
        }
        return path
    }
}
