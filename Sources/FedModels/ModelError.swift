// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Why a trained model cannot be used as asked.
///
/// Two errors are equal when their codes are.
public struct ModelError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The kind of failure.
    public struct Code: Hashable, Sendable {
        let name: String

        /// A width that the model cannot be cut to.
        public static let impossibleWidth = Code(name: "impossibleWidth")
        /// A robustness out of range, or one that the model was not trained for.
        public static let impossibleRobustness = Code(name: "impossibleRobustness")
        /// Statistics that a model without batch norm does not have.
        public static let impossibleStatistics = Code(name: "impossibleStatistics")
        /// A model that has no detector, or cannot have one.
        public static let impossibleDetector = Code(name: "impossibleDetector")
        /// An attack that contradicts itself or is out of range.
        public static let impossibleAttack = Code(name: "impossibleAttack")
        /// Data that the model does not take.
        public static let unfitData = Code(name: "unfitData")
        /// A model whose predictions depend on each other.
        public static let dependentPredictions = Code(name: "dependentPredictions")
        /// A part of a model.
        public static let partial = Code(name: "partial")
        /// A model that cannot be written in another format.
        public static let unexportable = Code(name: "unexportable")
    }

    /// The kind of failure.
    public var code: Code
    /// One sentence for a person, with what to do.
    public var message: String

    /// Makes an error of a kind, with a sentence for a person.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The sentence.
    public var description: String { message }

    public static func == (lhs: Self, rhs: Self) -> Bool { lhs.code == rhs.code }
}
