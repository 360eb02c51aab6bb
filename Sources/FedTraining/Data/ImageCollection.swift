// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Images of one size as they are gathered: grey as long as all are, in colours from the first one that is.
package struct ImageCollection {
    private struct Part {
        var pixels: [UInt8] = []
        var labels: [Int32] = []
    }

    /// Images may not become more bytes together: 4 GiB.
    package static let maximumBytes = 1 << 32

    /// Where they are from, for messages.
    private let path: String
    /// How many images come altogether.
    private let expected: Int
    private let limit: Int
    /// The shape of all images; its channels may become three.
    private var shape: InputShape?
    private var train = Part()
    private var test = Part()
    /// The resampler for the size that was resized last.
    private var resampler: (from: InputShape, resampler: BilinearResampler)?

    /// A collection without images, for `expected` ones of the folder `path`, which become `limit` bytes at most.
    package init(path: String, expected: Int, limit: Int = maximumBytes) {
        self.path = path
        self.expected = expected
        self.limit = limit
    }

    /// Adds an image, resized to the first one's size; throws `TrainingError.invalidFile` where all together become too
    /// large.
    package mutating func add(_ image: DecodedImage, label: Int32, isTest: Bool) throws(TrainingError) {
        var shape = self.shape ?? image.shape
        let channels = max(shape.channels, image.shape.channels)
        guard expected <= limit / (shape.pixels * channels) else {
            throw TrainingError(
                .invalidFile,
                "\(path) has \(expected) images, which become more than \(limit) bytes in the size of the "
                    + "first, \(shape.width) x \(shape.height) pixels: scale that one down, or use fewer images")
        }
        if image.shape.channels > shape.channels {
            train.pixels = Self.tripled(train.pixels, shape)
            test.pixels = Self.tripled(test.pixels, shape)
            shape.channels = image.shape.channels
        }
        self.shape = shape
        var planes = image.planes
        if image.shape.pixels != shape.pixels || image.shape.height != shape.height {
            planes = resized(image, to: shape)
        }
        if image.shape.channels < shape.channels { planes = planes + planes + planes }
        if isTest {
            test.pixels += planes
            test.labels.append(label)
        } else {
            if train.labels.isEmpty { train.pixels.reserveCapacity(expected * shape.count) }
            train.pixels += planes
            train.labels.append(label)
        }
    }

    /// The two parts; there must be an image in each.
    package func split(name: String, classNames: [String]) throws(TrainingError) -> DatasetSplit {
        guard let shape else {
            throw TrainingError(.missingFile, "data set \(name) has no images: add some")
        }
        func dataset(_ part: Part) throws(TrainingError) -> Dataset {
            try Dataset(
                name: name, input: shape, classes: classNames.count, values: .bytes(part.pixels), labels: part.labels,
                classNames: classNames)
        }
        return DatasetSplit(train: try dataset(train), test: try dataset(test))
    }

    private mutating func resized(_ image: DecodedImage, to shape: InputShape) -> [UInt8] {
        var used: BilinearResampler
        if let (from, known) = resampler, from.height == image.shape.height, from.width == image.shape.width {
            used = known
        } else {
            used = BilinearResampler(
                height: image.shape.height, width: image.shape.width, newHeight: shape.height, newWidth: shape.width)
        }
        var planes: [UInt8] = []
        for channel in 0..<image.shape.channels {
            used.append(plane: channel * image.shape.pixels, of: image.planes, to: &planes)
        }
        resampler = (image.shape, used)
        return planes
    }

    /// The one channel of each image three times.
    private static func tripled(_ pixels: [UInt8], _ shape: InputShape) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(3 * pixels.count)
        for image in stride(from: 0, to: pixels.count, by: shape.count) {
            for _ in 0..<3 { result += pixels[image..<(image + shape.count)] }
        }
        return result
    }
}
