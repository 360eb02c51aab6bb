// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What went wrong in building a network, reading data or training.
///
/// Two errors are equal when their codes are.
public struct TrainingError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The kind of failure.
    public struct Code: Hashable, Sendable {
        let name: String

        /// A name that the model zoo does not know.
        public static let unknownArchitecture = Code(name: "unknownArchitecture")
        /// A network that cannot be built as specified, or not on this input.
        public static let invalidModel = Code(name: "invalidModel")
        /// Parameters or data whose number or shape is not the network's.
        public static let shapeMismatch = Code(name: "shapeMismatch")
        /// A name that the data set registry does not know.
        public static let unknownDataset = Code(name: "unknownDataset")
        /// A file or folder that is missing or cannot be read.
        public static let missingFile = Code(name: "missingFile")
        /// A file that is damaged or not what it should be.
        public static let invalidFile = Code(name: "invalidFile")
        /// A system library that cannot be loaded.
        public static let missingLibrary = Code(name: "missingLibrary")
        /// A partition that cannot be made of this data.
        public static let invalidPartition = Code(name: "invalidPartition")
        /// Training settings that break their own rules.
        public static let invalidSpecification = Code(name: "invalidSpecification")
        /// Training produced NaN or infinity.
        public static let diverged = Code(name: "diverged")
        /// `shouldStop` said so.
        public static let stopped = Code(name: "stopped")
    }

    /// The kind of failure.
    public var code: Code
    /// One sentence for a person.
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
