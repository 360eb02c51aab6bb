// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// How changes or models become bytes: the `uplink` or `downlink` section of a run file.
///
/// An option that is nil has the codec's default. Which options a codec takes, and in which ranges, is for the codec
/// registry to say.
public struct CodecSpec: Hashable, Sendable {
    /// How the values of kept entries travel.
    public enum ValueFormat: String, NamedChoice, Sendable {
        case float32, float16
    }

    /// Whose largest magnitude a tensor's levels are multiples of (TernGrad, section 3.2, scaler sharing).
    public enum Scales: String, NamedChoice, Sendable {
        /// Each worker's own.
        case local
        /// The largest of all workers of the round, exchanged before quantising.
        case shared
    }

    /// Whether payloads are entropy-coded.
    public enum Entropy: String, NamedChoice, Sendable {
        /// Where that makes them smaller.
        case auto
        /// Never.
        case none
    }

    /// Tensors that travel as float32 whatever the codec does with the others.
    public enum DenseRule: String, NamedChoice, Sendable {
        /// The layer of the first weight tensor, its bias included.
        case firstLayer = "first-layer"
        /// The layer of the last weight tensor, its bias included.
        case lastLayer = "last-layer"
        /// Biases.
        case bias
        /// Scales and shifts of normalisation layers.
        case norm
    }

    /// A registered codec.
    public var codec: CodecID
    /// The share of entries that a sparse codec keeps, in (0, 1].
    public var density: Double?
    /// Bits a value of the uniform codec: 8, 4 or 2.
    public var bits: Int?
    /// How kept values travel.
    public var values: ValueFormat?
    /// The clip constant of the ternary codec, in standard deviations; 0 for none.
    public var clip: Double?
    /// Whose scales ternary values are multiples of.
    public var scales: Scales?
    /// Whether payloads are entropy-coded.
    public var entropy: Entropy?
    /// Tensors that travel as float32.
    public var dense: [DenseRule]
    /// Tensors with fewer entries travel as float32.
    public var denseBelow: Int
    /// Whether a worker adds to its next change what the codec left out of the last one.
    public var errorFeedback: Bool?
    /// Whether a worker's momentum starts anew at the entries that were sent.
    public var momentumMasking: Bool?
    /// A worker compares the model that steps led it to with the coordinator's after its first steps, and again so many
    /// rounds later; 0 for never.
    public var verifyEvery: Int?

    /// What `verifyEvery` is where it is not given.
    public static let defaultVerifyEvery = 10

    /// A codec with every option at its default.
    public init(
        _ codec: CodecID, density: Double? = nil, bits: Int? = nil, values: ValueFormat? = nil, clip: Double? = nil,
        scales: Scales? = nil, entropy: Entropy? = nil, dense: [DenseRule] = [], denseBelow: Int = 0,
        errorFeedback: Bool? = nil, momentumMasking: Bool? = nil, verifyEvery: Int? = nil
    ) {
        self.codec = codec
        self.density = density
        self.bits = bits
        self.values = values
        self.clip = clip
        self.scales = scales
        self.entropy = entropy
        self.dense = dense
        self.denseBelow = denseBelow
        self.errorFeedback = errorFeedback
        self.momentumMasking = momentumMasking
        self.verifyEvery = verifyEvery
    }
}

extension CodecSpec: Codable {
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case codec, density, bits, values, clip, scales, entropy, dense, denseBelow, errorFeedback, momentumMasking,
            verifyEvery
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            try container.decode(CodecID.self, forKey: .codec),
            density: try container.decodeIfPresent(Double.self, forKey: .density),
            bits: try container.decodeIfPresent(Int.self, forKey: .bits),
            values: try container.decodeIfPresent(ValueFormat.self, forKey: .values),
            clip: try container.decodeIfPresent(Double.self, forKey: .clip),
            scales: try container.decodeIfPresent(Scales.self, forKey: .scales),
            entropy: try container.decodeIfPresent(Entropy.self, forKey: .entropy),
            dense: try container.decodeIfPresent([DenseRule].self, forKey: .dense) ?? [],
            denseBelow: try container.decodeIfPresent(Int.self, forKey: .denseBelow) ?? 0,
            errorFeedback: try container.decodeIfPresent(Bool.self, forKey: .errorFeedback),
            momentumMasking: try container.decodeIfPresent(Bool.self, forKey: .momentumMasking),
            verifyEvery: try container.decodeIfPresent(Int.self, forKey: .verifyEvery))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(codec, forKey: .codec)
        try container.encodeIfPresent(density, forKey: .density)
        try container.encodeIfPresent(bits, forKey: .bits)
        try container.encodeIfPresent(values, forKey: .values)
        try container.encodeIfPresent(clip, forKey: .clip)
        try container.encodeIfPresent(scales, forKey: .scales)
        try container.encodeIfPresent(entropy, forKey: .entropy)
        if !dense.isEmpty { try container.encode(dense, forKey: .dense) }
        if denseBelow != 0 { try container.encode(denseBelow, forKey: .denseBelow) }
        try container.encodeIfPresent(errorFeedback, forKey: .errorFeedback)
        try container.encodeIfPresent(momentumMasking, forKey: .momentumMasking)
        try container.encodeIfPresent(verifyEvery, forKey: .verifyEvery)
    }
}
