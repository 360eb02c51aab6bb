// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A folder of PNG and JPEG files, one folder a class: `train/<class>/` and `test/<class>/`, or `<class>/` alone.
///
/// Classes are in the order of their names' bytes, and so are the files of a class. Without `train` and `test`, of each
/// class of n files the last ⌊n / 5⌋ test, so that pictures of one series, whose names are neighbours, stay together. All
/// images get the size of the first one, by `BilinearResampler`. There is one channel if all images are grey, else there
/// are three.
struct ImageFolder {
    /// A file and what it is for.
    private struct File {
        var path: String
        var label: Int32
        var isTest: Bool
    }

    private let path: String
    private let classNames: [String]
    private let files: [File]

    /// Looks for the files; throws `TrainingError.missingFile` or `.invalidFile`, naming the folder that is not as it should
    /// be.
    init(path: String?) throws(TrainingError) {
        let wanted =
            "the folder that holds train/<class>/ and test/<class>/, or <class>/ alone, with PNG and JPEG files"
        guard let path else {
            throw TrainingError(.missingFile, "data set images is read from files: give its path, \(wanted)")
        }
        guard DataFile.isFolder(path) else {
            throw TrainingError(.missingFile, "there is no folder \(path): data set images needs \(wanted)")
        }
        let train = DataFile.path(path, "train")
        let test = DataFile.path(path, "test")
        let isDivided = DataFile.isFolder(train)
        let folder = isDivided ? train : path
        let names = Self.classes(in: folder)
        guard !names.isEmpty else {
            throw TrainingError(.missingFile, "\(folder) holds no folders of classes: data set images needs \(wanted)")
        }
        var files: [File] = []
        for (label, name) in names.enumerated() {
            files += try Self.files(in: DataFile.path(folder, name), label: label, isTest: false)
        }
        if isDivided {
            guard DataFile.isFolder(test) else {
                throw TrainingError(
                    .missingFile, "there is no folder \(test) beside \(train): data set images needs \(wanted)")
            }
            for name in Self.classes(in: test) {
                guard let label = names.firstIndex(of: name) else {
                    throw TrainingError(
                        .invalidFile,
                        "\(DataFile.path(test, name)) is a class that \(train) does not have: add it there")
                }
                files += try Self.files(in: DataFile.path(test, name), label: label, isTest: true)
            }
        } else {
            for index in LastFifth.ofEachClass(labels: files.map(\.label)).test { files[index].isTest = true }
        }
        guard files.contains(where: \.isTest) else {
            throw TrainingError(
                .missingFile,
                isDivided
                    ? "\(test) holds no images: add some"
                    : "\(path) has fewer than five images of every class, too few to test with: add images, or make folders "
                        + "train and test")
        }
        self.path = path
        classNames = names
        self.files = files
    }

    /// Decodes all files; throws `TrainingError.missingFile` or `.invalidFile`, naming the first that cannot be.
    func load() throws(TrainingError) -> DatasetSplit {
        var collection = ImageCollection(path: path, expected: files.count)
        for file in files {
            try collection.add(
                DecodedImage(DataFile.read(file.path), path: file.path), label: file.label, isTest: file.isTest)
        }
        return try collection.split(name: "images", classNames: classNames)
    }

    private static func classes(in folder: String) -> [String] {
        DataFile.names(in: folder).filter { DataFile.isFolder(DataFile.path(folder, $0)) }
    }

    private static func files(in folder: String, label: Int, isTest: Bool) throws(TrainingError) -> [File] {
        let names = DataFile.names(in: folder)
        if let other = names.first(where: { !isImage($0) }) {
            throw TrainingError(
                .invalidFile,
                "\(DataFile.path(folder, other)) is no .png, .jpg or .jpeg file: convert it, or take it out of the folder"
            )
        }
        guard !names.isEmpty else {
            throw TrainingError(.missingFile, "\(folder) holds no images: add some, or take the folder away")
        }
        return names.map { File(path: DataFile.path(folder, $0), label: Int32(label), isTest: isTest) }
    }

    private static func isImage(_ name: String) -> Bool {
        let name = name.lowercased()
        return [".png", ".jpg", ".jpeg"].contains { name.hasSuffix($0) }
    }
}
