// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Labelled images in memory.
public struct Dataset: Sendable {
    /// What it is called, as in `mnist`.
    public let name: String
    /// The shape of one image.
    public let input: InputShape
    /// The number of classes; labels are below it.
    public let classes: Int
    /// All images one after the other, each [channel][row][column], values in [0, 1].
    public let images: [Float]
    /// One label an image, in 0..<`classes`.
    public let labels: [Int32]

    /// The number of images.
    public var count: Int { labels.count }

    /// Labelled images.
    ///
    /// Throws `TrainingError.shapeMismatch` unless there are `input.count` values for each label and every label is in
    /// 0..<`classes`.
    public init(
        name: String, input: InputShape, classes: Int, images: [Float], labels: [Int32]
    ) throws(TrainingError) {
        guard input.channels >= 1, input.height >= 1, input.width >= 1, images.count == labels.count * input.count
        else {
            throw TrainingError(
                .shapeMismatch,
                "data set \(name): \(labels.count) images of \(input) do not have \(images.count) values")
        }
        guard labels.allSatisfy({ $0 >= 0 && $0 < classes }) else {
            throw TrainingError(.shapeMismatch, "data set \(name): a label is not in 0 to \(classes - 1)")
        }
        self.init(name, input, classes, images, labels)
    }

    private init(_ name: String, _ input: InputShape, _ classes: Int, _ images: [Float], _ labels: [Int32]) {
        self.name = name
        self.input = input
        self.classes = classes
        self.images = images
        self.labels = labels
    }

    /// The images at `indices`, in that order; an index may repeat and must be in 0..<`count`.
    public func subset(_ indices: [Int]) -> Dataset {
        let size = input.count
        let chosen = [Float](unsafeUninitializedCapacity: indices.count * size) { target, initialized in
            images.withUnsafeBufferPointer { source in
                for (position, index) in indices.enumerated() {
                    precondition(index >= 0 && index < count, "an index of a subset is that of an image")
                    _ = target[(position * size)..<((position + 1) * size)].initialize(
                        fromContentsOf: source[(index * size)..<((index + 1) * size)])
                }
            }
            initialized = indices.count * size
        }
        return Dataset(name, input, classes, chosen, indices.map { labels[$0] })
    }
}
