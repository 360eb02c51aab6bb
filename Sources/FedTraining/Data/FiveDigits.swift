// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Digits of five kinds as one data set of 28x28x3 bytes with the attribute `domain`: the benchmark for shifted features
/// in the manner of FedBN (Li et al. 2021), Split-Mix (Hong et al. 2022) and FedRBN (Hong et al. 2023).
///
/// No image is in both parts or in two domains: MNIST-M's image i is MNIST's image i, so the domain `mnist` takes as many
/// images as `mnist-m` has, of each part those right behind. The other domains are divided as the data sets of their names.
enum FiveDigits {
    /// The values of `domain`, in the order of the codes.
    static let domains = ["mnist", "svhn", "usps", "meter-digits", "mnist-m"]

    private static let name = "digits-5"
    private static let folders = ["mnist", "svhn", "usps", "meter_digits", "mnist_m"]
    private static let input = InputShape(channels: 3, height: 28, width: 28)

    /// Reads all five from their folders in `path`; throws `TrainingError.missingFile` or `.invalidFile`.
    static func load(from path: String?) throws(TrainingError) -> DatasetSplit {
        let wanted = "the folder that holds the folders \(folders.joined(separator: ", "))"
        guard let path else {
            throw TrainingError(.missingFile, "data set \(name) is read from files: give its path, \(wanted)")
        }
        guard DataFile.isFolder(path) else {
            throw TrainingError(.missingFile, "there is no folder \(path): data set \(name) needs \(wanted)")
        }
        let sets: [PublishedImages] = [.mnist, .svhn, .usps, .meterDigits, .mnistM]
        // MNIST-M first, because it decides what MNIST gives.
        let derived = try PublishedImages.mnistM.parts(from: DataFile.path(path, folders[4]))
        var train = Collection()
        var test = Collection()
        for (domain, set) in sets.enumerated() {
            let folder = DataFile.path(path, folders[domain])
            let parts = domain == 4 ? derived : try set.parts(from: folder)
            if domain == 0 {
                try train.add(try behind(derived.train, in: parts.train), domain: domain)
                try test.add(try behind(derived.test, in: parts.test), domain: domain)
            } else {
                try train.add(parts.train, domain: domain)
                try test.add(parts.test, domain: domain)
            }
        }
        return DatasetSplit(train: try train.dataset(), test: try test.dataset())
    }

    /// As many images of MNIST as `derived` has, the ones right behind those that it was made of.
    private static func behind(
        _ derived: IDXFolder.Part, in part: IDXFolder.Part
    ) throws(TrainingError) -> IDXFolder.Part {
        let count = derived.labels.count
        guard part.labels.count >= 2 * count, part.labels[..<count] == derived.labels[...] else {
            throw TrainingError(
                .invalidFile,
                "\(part.labelPath) does not begin with the \(count) labels of \(derived.labelPath) and go on with as many "
                    + "again: fetch the published files of both")
        }
        return part.subset(Array(count..<(2 * count)))
    }

    /// One part as it grows.
    private struct Collection {
        var pixels: [UInt8] = []
        var labels: [Int32] = []
        var codes: [Int32] = []

        /// Adds images, resized, of all channels or with their one channel repeated.
        mutating func add(_ part: IDXFolder.Part, domain: Int) throws(TrainingError) {
            guard case .bytes(let bytes) = part.values, part.input.channels == 1 || part.input.channels == 3 else {
                throw TrainingError(
                    .invalidFile,
                    "the images beside \(part.labelPath) are not bytes of one or three channels: fetch the published files"
                )
            }
            var resampler = BilinearResampler(
                height: part.input.height, width: part.input.width, newHeight: FiveDigits.input.height,
                newWidth: FiveDigits.input.width)
            pixels.reserveCapacity(pixels.count + part.labels.count * FiveDigits.input.count)
            for plane in stride(from: 0, to: bytes.count, by: part.input.pixels) {
                let begin = pixels.count
                resampler.append(plane: plane, of: bytes, to: &pixels)
                guard part.input.channels == 1 else { continue }
                for _ in 1..<FiveDigits.input.channels {
                    pixels += Array(pixels[begin..<(begin + FiveDigits.input.pixels)])
                }
            }
            labels += part.labels
            codes += [Int32](repeating: Int32(domain), count: part.labels.count)
        }

        func dataset() throws(TrainingError) -> Dataset {
            try Dataset(
                name: FiveDigits.name, input: FiveDigits.input, classes: 10, values: .bytes(pixels), labels: labels,
                attributes: [ExampleAttribute(name: "domain", values: FiveDigits.domains, codes: codes)])
        }
    }
}
