// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What a model in a file is: everything besides its parameters that it takes to build, evaluate and cut it.
public struct ModelCard: Hashable, Codable, Sendable {
    /// The network.
    public var model: ModelSpec
    /// What it takes.
    public var examples: ExampleShape
    /// The name of the data set that it was trained on.
    public var dataset: String
    /// What its classes are called, one name each; nil for 0, 1, ….
    public var classNames: [String]?
    /// Which base networks of the trained model it is made of, in their order; the first ones are what a narrower model is
    /// cut from.
    public var bases: [Int]
    /// λ in [0, 1]: a dual batch norm outputs (1 − λ)·clean branch + λ·adversarial branch (Split-Mix, Hong et al., ICLR 2022,
    /// section 3.3). 0 for a model without dual norms.
    public var robustness: Float
    /// Of a worker's own model, the examples that it is for; nil for all.
    public var domain: Domain?
    /// The roles of parameters that each worker of the run has for itself, and that have here what a network begins with: what the
    /// workers share is no model to classify with. Nil for a whole model.
    public var workersOwn: [ParameterRole]?
    /// What chooses a branch for each example where that is asked for in place of `robustness`; nil where there is none.
    public var detector: BranchDetector?

    /// Examples that have one value of an attribute.
    public struct Domain: Hashable, Codable, Sendable {
        /// The attribute, such as `domain`.
        public var attribute: String
        /// Its value.
        public var value: String

        /// Examples that have `value`.
        public init(attribute: String, value: String) {
            self.attribute = attribute
            self.value = value
        }
    }

    /// The card of a model as it was trained, all bases in their order and through the clean branch, unless said otherwise.
    public init(
        model: ModelSpec, examples: ExampleShape, dataset: String, classNames: [String]? = nil, bases: [Int]? = nil,
        robustness: Float = 0
    ) {
        self.model = model
        self.examples = examples
        self.dataset = dataset
        self.classNames = classNames
        self.bases = bases ?? Array(0..<model.bases)
        self.robustness = robustness
    }

    /// The name of a class, which must be in 0..<`examples.classes`.
    public func name(ofClass label: Int) -> String { classNames?[label] ?? String(label) }

    /// No extent is larger, and no example has more values.
    private static let maximumExtent = 1 << 24

    /// Throws `CoreError.invalidSpecification` where the card contradicts itself or is beyond all limits, as that of a
    /// damaged file may be.
    ///
    /// Whether an architecture takes a setting at all is not judged here.
    public func validate() throws(CoreError) {
        func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(CoreError) {
            guard condition else { throw CoreError(.invalidSpecification, message()) }
        }
        try model.validate()
        let extents = [examples.channels, examples.height, examples.width]
        try require(
            extents.allSatisfy { (1...Self.maximumExtent).contains($0) }
                && extents.reduce(1.0) { $0 * Double($1) } <= Double(Self.maximumExtent),
            "an example has 1 to \(Self.maximumExtent) values")
        try require(
            (1...100_000).contains(examples.classes), "a model has 1 to 100000 classes, not \(examples.classes)")
        try require(
            classNames?.count ?? examples.classes == examples.classes, "the classes have a name each, or none has")
        try require(
            bases.count == model.bases && Set(bases).count == bases.count && bases.allSatisfy { $0 >= 0 },
            "the model has \(model.bases) base networks, but the card names others")
        try require(
            model.bases * model.width.numerator <= model.width.denominator,
            "\(model.bases) base networks of width \(model.width) are wider than a full network")
        try require((0...1).contains(robustness), "robustness is 0 to 1, not \(robustness)")
        try require(
            detector == nil || model.normalization.isDual, "a detector needs dual batch norms, which the model lacks")
        try detector?.validate()
        try require(
            robustness == 0 || model.normalization.isDual, "robustness needs dual batch norms, which the model lacks")
    }
}
