// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// Labelled examples in memory.
public struct Dataset: Sendable {
    /// The values of all examples one after the other, each [channel][row][column].
    public enum Values: Hashable, Sendable {
        /// Pixels, a quarter of the memory of floats; a byte b stands for the value b / 255.
        case bytes([UInt8])
        /// The values themselves.
        case floats([Float])

        /// The number of values.
        public var count: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .floats(let floats): floats.count
            }
        }
    }

    /// What it is called, as in `mnist`.
    public let name: String
    /// The shape of one example.
    public let input: InputShape
    /// The number of classes; labels are below it.
    public let classes: Int
    /// The names of the classes, `classes` of them.
    public let classNames: [String]
    /// `input.count` values an example; those of images are in [0, 1].
    public let values: Values
    /// One label an example, in 0..<`classes`.
    public let labels: [Int32]
    /// What else is known of each example.
    public let attributes: [ExampleAttribute]

    /// The number of examples.
    public var count: Int { labels.count }

    /// Labelled examples; the classes are called 0, 1, ... unless `classNames` says otherwise.
    ///
    /// Throws `TrainingError.shapeMismatch` unless there are `input.count` values for each label, every label is in
    /// 0..<`classes`, there are as many names as classes, and every attribute has one code in range for each label.
    public init(
        name: String, input: InputShape, classes: Int, values: Values, labels: [Int32], classNames: [String]? = nil,
        attributes: [ExampleAttribute] = []
    ) throws(TrainingError) {
        guard input.channels >= 1, input.height >= 1, input.width >= 1, values.count == labels.count * input.count
        else {
            throw TrainingError(
                .shapeMismatch,
                "data set \(name): \(labels.count) examples of \(input) do not have \(values.count) values")
        }
        guard labels.allSatisfy({ $0 >= 0 && $0 < classes }) else {
            throw TrainingError(.shapeMismatch, "data set \(name): a label is not in 0 to \(classes - 1)")
        }
        let classNames = classNames ?? (0..<classes).map { String($0) }
        guard classNames.count == classes else {
            throw TrainingError(
                .shapeMismatch, "data set \(name): there are \(classNames.count) names for \(classes) classes")
        }
        for attribute in attributes {
            guard attribute.codes.count == labels.count,
                attribute.codes.allSatisfy({ $0 >= 0 && $0 < attribute.values.count })
            else {
                throw TrainingError(
                    .shapeMismatch,
                    "data set \(name): attribute \(attribute.name) does not have one code in 0 to "
                        + "\(attribute.values.count - 1) for each of the \(labels.count) examples")
            }
        }
        self.init(
            name: name, input: input, classes: classes, classNames: classNames, unchecked: values, labels: labels,
            attributes: attributes)
    }

    /// Labelled examples whose values are `images`, with neither class names nor attributes; otherwise as above.
    public init(
        name: String, input: InputShape, classes: Int, images: [Float], labels: [Int32]
    ) throws(TrainingError) {
        try self.init(name: name, input: input, classes: classes, values: .floats(images), labels: labels)
    }

    private init(
        name: String, input: InputShape, classes: Int, classNames: [String], unchecked values: Values, labels: [Int32],
        attributes: [ExampleAttribute]
    ) {
        self.name = name
        self.input = input
        self.classes = classes
        self.classNames = classNames
        self.values = values
        self.labels = labels
        self.attributes = attributes
    }

    /// The attribute of that name, if there is one.
    public func attribute(named name: String) -> ExampleAttribute? {
        attributes.first { $0.name == name }
    }

    /// The same examples with one more attribute; throws `TrainingError.shapeMismatch` as `init` does.
    public func adding(_ attribute: ExampleAttribute) throws(TrainingError) -> Dataset {
        try Dataset(
            name: name, input: input, classes: classes, values: values, labels: labels, classNames: classNames,
            attributes: attributes + [attribute])
    }

    /// Writes the `input.count` values of example `index`, which must be in 0..<`count`, from `target` on.
    ///
    /// Allocates nothing; a byte b becomes exactly the float nearest to b / 255.
    public func copyExample(at index: Int, to target: UnsafeMutablePointer<Float>) {
        precondition(index >= 0 && index < count, "the index is that of an example")
        let size = input.count
        switch values {
        case .bytes(let bytes):
            bytes.withUnsafeBufferPointer { source in
                if let start = source.baseAddress { fed_unit_bytes_decode(target, start + index * size, size) }
            }
        case .floats(let floats):
            floats.withUnsafeBufferPointer { source in
                if let start = source.baseAddress { target.update(from: start + index * size, count: size) }
            }
        }
    }

    /// The `input.count` values of example `index`, which must be in 0..<`count`.
    public func example(at index: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: input.count) { target, initialized in
            if let start = target.baseAddress { copyExample(at: index, to: start) }
            initialized = input.count
        }
    }

    /// The examples at `indices`, in that order; an index may repeat and must be in 0..<`count`.
    public func subset(_ indices: [Int]) -> Dataset {
        precondition(indices.allSatisfy { $0 >= 0 && $0 < count }, "an index of a subset is that of an example")
        return Dataset(
            name: name, input: input, classes: classes, classNames: classNames,
            unchecked: values.blocks(at: indices, size: input.count),
            labels: indices.map { labels[$0] }, attributes: attributes.map { $0.subset(indices) })
    }
}
