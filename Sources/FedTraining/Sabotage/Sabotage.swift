// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// What a hostile or broken worker does to its data or its changes: for simulations and tests.
///
/// The same seed, the same damage.
public struct Sabotage: Hashable, Sendable {
    /// The kinds of attack.
    public enum Kind: String, CaseIterable, Sendable {
        /// Sends −scale times its change.
        case signFlip = "sign-flip"
        /// Sends normal noise in place of its change, with scale times the change's root mean square.
        case gaussian
        /// Trains on labels y → classes − 1 − y.
        case labelFlip = "label-flip"
        /// Sends scale times its change.
        case scale
        /// Sends NaN in place of a number of its payload.
        case nan

        /// Whether a scale means anything.
        public var hasScale: Bool { self != .labelFlip && self != .nan }
    }

    /// What is done.
    public let kind: Kind
    /// How much of it, above 0; of no meaning for some kinds.
    public let scale: Float

    /// An attack; ten times as strong as honest work if not said otherwise.
    public init(_ kind: Kind, scale: Float = 10) {
        precondition(scale > 0 && scale.isFinite, "a scale is above 0")
        self.kind = kind
        self.scale = scale
    }

    /// Alters a change before it is encoded; noise is drawn from `generator`.
    public func distort(_ change: UnsafeMutableBufferPointer<Float>, generator: SeededGenerator) {
        switch kind {
        case .signFlip: for index in change.indices { change[index] *= -scale }
        case .scale: for index in change.indices { change[index] *= scale }
        case .gaussian:
            let squares = change.reduce(into: 0.0) { $0 += Double($1) * Double($1) }
            let deviation = Double(scale) * (squares / Double(max(1, change.count))).squareRoot()
            var generator = generator.stream("sabotage")
            for index in change.indices {
                change[index] = Float(deviation * NormalDistribution.sample(using: &generator))
            }
        case .labelFlip, .nan: break
        }
    }

    /// Alters a payload before it is sent.
    ///
    /// A NaN replaces the first number, which is a scale where the codec has scales; for `top-k` the last one. Blocks of
    /// compressed dense payloads hold no plain number: there it replaces the length of the first plane, which no decoder
    /// takes.
    public func distort(payload: inout [UInt8]) {
        guard kind == .nan, payload.count >= 6 else { return }
        let offset = Self.numberOffset(in: payload)
        for (index, byte) in zip(offset..<payload.count, Self.nan) { payload[index] = byte }
    }

    /// NaN as a little-endian float32, and twice NaN as a binary16 or bfloat16.
    private static let nan: [UInt8] = [0xC0, 0x7F, 0xC0, 0x7F]

    /// Where a payload of at least 6 bytes holds a number, by the codec's number in its header (protocols/codecs).
    private static func numberOffset(in payload: [UInt8]) -> Int {
        switch payload[1] {
        case 4: 6  // ternary-sum, behind the number of updates
        case 9: payload.count - 2  // top-k: the upper half of a float32, or a binary16
        case 10: 12  // random-k, behind the seed
        default: 4
        }
    }

    /// The examples to train on.
    public func distorted(_ examples: Dataset) throws(TrainingError) -> Dataset {
        guard kind == .labelFlip else { return examples }
        return try Dataset(
            name: examples.name, input: examples.input, classes: examples.classes, values: examples.values,
            labels: examples.labels.map { Int32(examples.classes) - 1 - $0 }, classNames: examples.classNames,
            attributes: examples.attributes)
    }
}
