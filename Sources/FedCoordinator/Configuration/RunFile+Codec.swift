// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
internal import Yams

extension RunFile {
    /// A codec as a command line names it: its name, then options as in a run file's `uplink` section, all divided by colons:
    /// `ternary`, `sbc:density=0.001`, `ternary:entropy=none:dense=[bias, norm]`. A preset stands for its codec and density.
    ///
    /// `settings` are further options. Throws `ConfigurationError` for an option that no codec has or that has another
    /// form; whether this codec takes it is for the registry to say.
    public static func codec(_ text: String, settings: [String] = []) throws(ConfigurationError) -> CodecSpec {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.first, !name.isEmpty else {
            throw ConfigurationError(.malformed, "a codec has a name, as in sbc:density=0.01")
        }
        let options = parts.dropFirst() + settings
        for option in options {
            let sides = option.split(separator: "=", maxSplits: 1)
            guard sides.count < 2 || option.hasPrefix("=") else { continue }
            throw ConfigurationError(.malformed, "an option of a codec is key=value, as in density=0.01, not \(option)")
        }
        let section = Node.mapping([Node("codec"): Node(name, Tag(.str))])
        var spec: CodecSpec = try decoded(section, overrides: Array(options), keys: codecKeys)
        _ = spec.expandPreset()
        return spec
    }

    /// The keys of the `uplink` section.
    private static var codecKeys: KeyTree {
        guard case .section(let sections) = keys, let uplink = sections["uplink"] else {
            preconditionFailure("a run file has an uplink")
        }
        return uplink
    }
}
