// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import Yams

/// Which keys a run file may hold, and where.
indirect enum KeyTree: Sendable {
    /// Anything: a scalar or a list of scalars.
    case value
    /// A mapping with these keys.
    case section([String: KeyTree])
    /// A list whose elements look alike.
    case list(KeyTree)

    /// Throws `ConfigurationError.unknownKey` for the first key of `node` that is not in the tree, naming the nearest
    /// known one.
    func check(_ node: Node, at path: String) throws(ConfigurationError) {
        switch (self, node) {
        case (.section(let known), .mapping(let mapping)):
            for (keyNode, value) in mapping {
                let key = keyNode.string ?? "?"
                let name = path.isEmpty ? key : "\(path).\(key)"
                guard let tree = known[key] else {
                    throw Self.unknown(key, named: name, among: known, at: path, keyNode)
                }
                try tree.check(value, at: name)
            }
        case (.list(let element), .sequence(let sequence)):
            for value in sequence { try element.check(value, at: path) }
        default: break  // a wrong type: decoding says so, with the expected one
        }
    }

    /// The paths of all values below, as in `training.optimizer.name`, in order.
    func paths(below path: String = "") -> [String] {
        switch self {
        case .value: [path]
        case .list(let element): element.paths(below: path)
        case .section(let known):
            known.keys.sorted().flatMap { key in
                known[key]?.paths(below: path.isEmpty ? key : "\(path).\(key)") ?? []
            }
        }
    }

    private static func unknown(
        _ key: String, named name: String, among known: [String: KeyTree], at path: String, _ node: Node
    ) -> ConfigurationError {
        let line = node.mark.map { "line \($0.line): " } ?? ""
        let here = path.isEmpty ? "at the top level" : "in \(path)"
        let keys = known.keys.sorted()
        let nearest = NearestName.suggestion(for: key, among: keys).map { "did you mean \($0)? Known" } ?? "known"
        return ConfigurationError(
            .unknownKey, "\(line)unknown key \(name); \(nearest) \(here) are \(keys.joined(separator: ", "))")
    }
}
