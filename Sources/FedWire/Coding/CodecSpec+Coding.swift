// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

extension Fedcoord_V1_CodecSpec {
    init(_ spec: CodecSpec) throws(WireError) {
        self.init()
        codec = spec.codec.rawValue
        if let density = spec.density { self.density = density }
        if let bits = spec.bits { self.bits = UInt32(clamping: bits) }
        if let values = spec.values { self.values = values.rawValue }
        if let clip = spec.clip { self.clip = clip }
        if let scales = spec.scales { self.scales = scales.rawValue }
        if let entropy = spec.entropy { self.entropy = entropy.rawValue }
        dense = spec.dense.map(\.rawValue)
        denseBelow = try FieldRules.count(spec.denseBelow, "dense_below")
        if let errorFeedback = spec.errorFeedback { self.errorFeedback = errorFeedback }
        if let momentumMasking = spec.momentumMasking { self.momentumMasking = momentumMasking }
        _ = try decoded()
    }

    /// Strict about names; which options a codec takes, and their ranges, is for the codec registry to say.
    func decoded() throws(WireError) -> CodecSpec {
        try FieldRules.require(dense.count <= 16, "dense lists at most 16 rules")
        var rules: [CodecSpec.DenseRule] = []
        for rule in dense { rules.append(try Self.named(rule, "dense")) }
        return CodecSpec(
            CodecID(try FieldRules.name(codec, "codec")), density: hasDensity ? density : nil,
            bits: hasBits ? Int(bits) : nil, values: hasValues ? try Self.named(values, "values") : nil,
            clip: hasClip ? clip : nil, scales: hasScales ? try Self.named(scales, "scales") : nil,
            entropy: hasEntropy ? try Self.named(entropy, "entropy") : nil, dense: rules,
            denseBelow: try FieldRules.count(denseBelow, "dense_below"),
            errorFeedback: hasErrorFeedback ? errorFeedback : nil,
            momentumMasking: hasMomentumMasking ? momentumMasking : nil)
    }

    private static func named<Option: RawRepresentable<String>>(
        _ name: String, _ field: String
    ) throws(WireError) -> Option {
        guard let option = Option(rawValue: name) else {
            throw WireError(.invalidField, "\(field) has a value that this version does not know")
        }
        return option
    }
}
