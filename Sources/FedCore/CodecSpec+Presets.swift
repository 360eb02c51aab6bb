// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

extension CodecSpec {
    /// A named pair of sparsity and communication delay.
    public struct Preset: Hashable, Sendable {
        /// What a run file calls it.
        public var name: String
        /// The share of entries that travel.
        public var density: Double
        /// Local steps between two updates, for run files that set neither steps nor epochs.
        public var steps: Int
    }

    /// Sparse binary compression in three strengths (Sattler et al. 2018, section 4.2).
    public static let presets = [
        Preset(name: "sbc-1", density: 0.001, steps: 1), Preset(name: "sbc-2", density: 0.01, steps: 10),
        Preset(name: "sbc-3", density: 0.01, steps: 100),
    ]

    /// Replaces a preset's name by the codec and its density, unless a density is given; returns the preset.
    public mutating func expandPreset() -> Preset? {
        guard let preset = Self.presets.first(where: { $0.name == codec.rawValue }) else { return nil }
        codec = CodecID("sbc")
        density = density ?? preset.density
        return preset
    }
}
