// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

extension CodecSpec {
    /// The options of the codec that are in force, as a run file has them: density, bits, clip and scales whether they
    /// are given or not, and what else is given. A preset has to be expanded before.
    public var optionsInForce: [String] {
        let options = CodecRegistry.options(of: codec)
        func value<Value>(_ key: CodingKeys, _ given: Value?, else usual: Value?) -> String? {
            guard let value = given ?? (options.contains(key.rawValue) ? usual : nil) else { return nil }
            return "\(key.rawValue)=\(value)"
        }
        return [
            value(.density, density, else: SparseOptions.density), value(.bits, bits, else: UniformCodec.defaultBits),
            value(.values, values?.rawValue, else: nil), value(.clip, clip, else: TernaryCodec.defaultClip),
            value(.scales, scales?.rawValue, else: Scales.local.rawValue),
            value(.entropy, entropy?.rawValue, else: nil),
            dense.isEmpty ? nil : "dense=[\(dense.map(\.rawValue).joined(separator: ", "))]",
            denseBelow == 0 ? nil : "denseBelow=\(denseBelow)",
        ].compactMap { $0 }
    }
}
