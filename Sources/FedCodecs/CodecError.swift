// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Why an update could not be encoded, or why bytes are not an update of this model.
///
/// Two errors are equal when their codes are.
public struct CodecError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The kind of failure.
    public struct Code: Hashable, Sendable {
        let name: String

        /// No codec has this name.
        public static let unknownCodec = Code(name: "unknownCodec")
        /// NaN or infinity among the values, on either side.
        public static let nonFiniteValue = Code(name: "nonFiniteValue")
        /// A value that the codec's number format cannot hold.
        public static let valueOutOfRange = Code(name: "valueOutOfRange")
        /// Fewer bytes than the layout needs.
        public static let truncated = Code(name: "truncated")
        /// More bytes than the layout needs.
        public static let trailingBytes = Code(name: "trailingBytes")
        /// Not a payload at all, or one of another codec.
        public static let wrongFormat = Code(name: "wrongFormat")
        /// A payload of a version that this build does not know.
        public static let unsupportedVersion = Code(name: "unsupportedVersion")
        /// A flag that this version does not define.
        public static let unknownFlags = Code(name: "unknownFlags")
        /// A scale that is negative, NaN or infinite, or not one that workers share.
        public static let invalidScale = Code(name: "invalidScale")
        /// A byte that does not stand for five trits.
        public static let invalidTrits = Code(name: "invalidTrits")
        /// A pattern of bits that stands for no level.
        public static let invalidLevel = Code(name: "invalidLevel")
        /// A compressed block that is not what its lengths say.
        public static let invalidBlock = Code(name: "invalidBlock")
        /// An option that the codec does not take, or one out of its range.
        public static let invalidOption = Code(name: "invalidOption")
        /// Padding that is not what the encoder writes.
        public static let invalidPadding = Code(name: "invalidPadding")
    }

    /// The kind of failure.
    public var code: Code
    /// One sentence for a person; holds no values of the update.
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
