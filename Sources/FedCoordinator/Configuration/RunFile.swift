// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
public import Foundation
internal import Yams

/// Run files: YAML text ⇄ `RunConfig`, with `--set` overrides and unknown keys refused.
public enum RunFile {
    /// No run file is larger, in bytes.
    static let maximumSize = 1 << 20

    /// The keys of a run file.
    static let keys = KeyTree.section([
        "name": .value,
        "seed": .value,
        "model": .section([
            "architecture": .value, "hidden": .value, "width": .value, "normalization": .value, "statistics": .value,
            "dropout": .value,
        ]),
        "data": .section([
            "dataset": .value, "path": .value, "label": .value, "schema": .value, "fraction": .value,
            "partition": .section([
                "scheme": .value, "alpha": .value, "classes": .value, "shardsPerWorker": .value, "by": .value,
            ]),
        ]),
        "training": .section([
            "epochs": .value, "steps": .value, "batchSize": .value,
            "optimizer": .section([
                "name": .value, "learningRate": .value, "momentum": .value, "nesterov": .value, "weightDecay": .value,
                "decoupled": .value, "beta1": .value, "beta2": .value, "epsilon": .value, "nu": .value, "rho": .value,
                "state": .value,
            ]),
            "schedule": scheduleKeys,
            "clipNorm": .value,
            "smoothOut": .section(["range": .value, "scaling": .value]),
            "augmentation": .section(["cropPadding": .value, "horizontalFlip": .value]),
            "objective": .list(
                .section([
                    "term": .value, "labelSmoothing": .value, "masked": .value, "mu": .value, "weight": .value,
                    "strengths": .value, "combination": .value, "attack": attackKeys,
                ])),
        ]),
        "strategy": .section([
            "name": .value, "serverLearningRate": .value, "weighting": .value, "baseWidth": .value,
            "favourFirst": .value, "mu": .value, "widths": .value, "lambda": .value, "propagation": .value,
            "temperature": .value, "warmup": .value,
            "aggregator": .section([
                "name": .value, "trim": .value, "attackers": .value, "keep": .value, "iterations": .value,
                "smoothing": .value, "bound": .value, "step": .value,
            ]),
            "optimizer": .section([
                "name": .value, "learningRate": .value, "momentum": .value, "nesterov": .value, "beta1": .value,
                "beta2": .value, "epsilon": .value, "weightDecay": .value,
            ]),
            "schedule": scheduleKeys,
        ]),
        "uplink": .section([
            "codec": .value, "density": .value, "bits": .value, "values": .value, "clip": .value, "scales": .value,
            "entropy": .value, "dense": .value, "denseBelow": .value, "errorFeedback": .value,
            "momentumMasking": .value,
        ]),
        "downlink": .section([
            "codec": .value, "density": .value, "values": .value, "entropy": .value, "dense": .value,
            "denseBelow": .value, "verifyEvery": .value,
        ]),
        "rounds": .value,
        "cohort": .section([
            "fraction": .value, "quorum": .value, "deadlineSeconds": .value, "minimumWorkers": .value,
            "overSelection": .value, "late": .value, "staleness": .value,
        ]),
        "evaluation": .section([
            "every": .value, "attack": attackKeys, "robustExamples": .value, "adversarialShare": .value,
        ]),
        "limits": .section([
            "examplesPerWorker": .value, "updateNorm": .value, "relativeNorm": .value, "offersPerMinute": .value,
            "refusalsInARow": .value,
        ]),
        "keepJournals": .value,
    ])

    /// The path of every key that takes a value, as in `training.optimizer.name`; lists are passed over.
    package static var keyPaths: [String] { keys.paths() }

    private static let scheduleKeys = KeyTree.section([
        "name": .value, "warmup": .value, "minimum": .value, "milestones": .value, "factor": .value, "power": .value,
        "end": .value,
    ])

    private static let attackKeys = KeyTree.section([
        "method": .value, "norm": .value, "epsilon": .value, "steps": .value, "stepSize": .value,
        "randomStart": .value, "restarts": .value,
    ])

    /// Reads a run file and applies overrides such as `training.epochs=2`.
    ///
    /// A relative `data.path` or `data.schema` is taken from the run file's folder if it exists there, else from the working
    /// directory.
    /// Throws `ConfigurationError`; the result is not yet `validated`.
    public static func load(_ url: URL, overrides: [String] = []) throws(ConfigurationError) -> RunConfig {
        let data: Data
        do {
            data = try Data(contentsOf: url)
        } catch {
            throw ConfigurationError(
                .unreadable, "cannot read the run file \(url.path): check the path, or write one with 'fedcoord init'")
        }
        guard data.count <= maximumSize, let text = String(data: data, encoding: .utf8) else {
            throw ConfigurationError(.malformed, "\(url.path): a run file is UTF-8 text of at most 1 MiB")
        }
        do {
            var config = try parse(text, overrides: overrides)
            config.data.path = config.data.path.map { absolute($0, besides: url) }
            config.data.schema = config.data.schema.map { absolute($0, besides: url) }
            return config
        } catch {
            throw ConfigurationError(error.code, "\(url.path): \(error.message)")
        }
    }

    private static func absolute(_ path: String, besides file: URL) -> String {
        guard !path.hasPrefix("/") else { return path }
        let beside = file.deletingLastPathComponent().appendingPathComponent(path).standardizedFileURL.path
        return FileManager.default.fileExists(atPath: beside)
            ? beside : URL(fileURLWithPath: path).standardizedFileURL.path
    }

    /// Reads YAML text and applies overrides such as `training.epochs=2`; throws `ConfigurationError`.
    public static func parse(_ text: String, overrides: [String] = []) throws(ConfigurationError) -> RunConfig {
        let root: Node
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw ConfigurationError(.malformed, "the file is empty; write one with 'fedcoord init'")
            }
            root = node
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ConfigurationError(.malformed, "this is not YAML: \(Self.firstLine("\(error)"))")
        }
        guard root.mapping != nil else {
            throw ConfigurationError(.malformed, "a run file is a mapping of keys such as name, model and rounds")
        }
        return try decoded(root, overrides: overrides, keys: keys)
    }

    /// What a node stands for once overrides are applied and its keys checked; throws `ConfigurationError`.
    static func decoded<Value: Decodable>(
        _ node: Node, overrides: [String], keys: KeyTree
    ) throws(ConfigurationError) -> Value {
        var root = node
        for override in overrides { root = try Self.applying(override, to: root) }
        try keys.check(root, at: "")
        do {
            return try YAMLDecoder().decode(Value.self, from: root)
        } catch let error as DecodingError {
            throw ConfigurationError(.malformed, Self.describe(error, in: root))
        } catch let error as CoreError {
            throw ConfigurationError(.malformed, error.message)
        } catch {
            throw ConfigurationError(.malformed, Self.firstLine("\(error)"))
        }
    }

    /// The configuration as YAML text that `parse` reads back to an equal value.
    public static func text(of config: RunConfig) throws(ConfigurationError) -> String {
        do {
            let text = try YAMLEncoder().encode(config)
            guard let shorter = try? shortened(text), try parse(shorter) == parse(text) else { return text }
            return shorter
        } catch {
            throw ConfigurationError(.malformed, "the configuration cannot be written: \(error)")
        }
    }

    /// The same file with the shortest decimals that read back as the same numbers, and no passes that nothing makes.
    ///
    /// The encoder writes 1.00000001490116e-1 for the Float 0.1.
    private static func shortened(_ text: String) throws -> String {
        guard var root = try Yams.compose(yaml: text) else { return text }
        shorten(&root)
        if root["training"]?["steps"] != nil { root["training"]?.mapping?["epochs"] = nil }
        return try Yams.serialize(node: root)
    }

    private static func shorten(_ node: inout Node) {
        switch node {
        case .mapping(var mapping):
            for key in mapping.keys {
                guard var value = mapping[key] else { continue }
                shorten(&value)
                mapping[key] = value
            }
            node = .mapping(mapping)
        case .sequence(var sequence):
            for index in sequence.indices { shorten(&sequence[index]) }
            node = .sequence(sequence)
        case .scalar(let scalar):
            guard scalar.style == .plain, scalar.string.contains("e"), let value = Double(scalar.string), value.isFinite
            else { return }
            let float = Float(value)
            // Fifteen digits of a Float's own value; any other number is a Double.
            let isFloat = abs(Double(float) - value) <= 1e-14 * abs(value)
            let isWhole = value == value.rounded() && abs(value) < 1e15
            node = Node(
                isWhole ? String(Int64(value)) : isFloat ? "\(float)" : "\(value)", Tag(isWhole ? .int : .float))
        default: break
        }
    }

    private static func applying(_ override: String, to root: Node) throws(ConfigurationError) -> Node {
        let parts = override.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw ConfigurationError(.malformed, "--set takes key=value, as in training.epochs=2, not \(override)")
        }
        let value: Node
        do {
            value = try Yams.compose(yaml: parts[1]) ?? Node("")
        } catch {
            throw ConfigurationError(
                .malformed, "\(parts[0]): the value \(parts[1]) is not YAML: write it as in a run file")
        }
        return Self.setting(parts[0].split(separator: ".").map(String.init)[...], to: value, in: root)
    }

    private static func setting(_ path: ArraySlice<String>, to value: Node, in node: Node?) -> Node {
        guard let key = path.first else { return value }
        var mapping = node?.mapping ?? Node.Mapping([])
        mapping[Node(key)] = setting(path.dropFirst(), to: value, in: mapping[Node(key)])
        return Node.mapping(mapping)
    }

    private static func describe(_ error: DecodingError, in root: Node) -> String {
        func name(_ path: [any CodingKey]) -> String {
            path.reduce("") { text, key in
                if let index = key.intValue { return "\(text)[\(index)]" }
                return text.isEmpty ? key.stringValue : "\(text).\(key.stringValue)"
            }
        }
        switch error {
        case .keyNotFound(let key, let context):
            return "the key \(name(context.codingPath + [key])) is missing"
        case .typeMismatch(let type, let context):
            let expected = "\(name(context.codingPath)): expected \(Self.plain(type))"
            guard let value = Self.scalar(at: context.codingPath, in: root) else { return expected }
            return type is Node.Sequence.Type ? "\(expected), as in [\(value)]" : "\(expected), not \(value)"
        case .valueNotFound(let type, let context):
            return "\(name(context.codingPath)): expected \(Self.plain(type)), found nothing"
        case .dataCorrupted(let context):
            return "\(name(context.codingPath)): \(Self.firstLine(context.debugDescription))"
        @unknown default:
            return "the file cannot be read as a run file"
        }
    }

    /// The beginning of the value at a path; nil for a section, a list and what is not there.
    private static func scalar(at path: [any CodingKey], in root: Node) -> String? {
        var node: Node? = root
        for key in path {
            switch node {
            case .mapping(let mapping): node = mapping[Node(key.stringValue)]
            case .sequence(let sequence):
                guard let index = key.intValue, sequence.indices.contains(index) else { return nil }
                node = sequence[index]
            default: return nil
            }
        }
        guard let text = node?.scalar?.string, !text.isEmpty else { return nil }
        return String(text.prefix(64))
    }

    private static func plain(_ type: any Any.Type) -> String {
        switch type {
        case is Int.Type: "a whole number"
        case is UInt64.Type: "a whole number from 0 on"
        case is Double.Type, is Float.Type: "a number"
        case is String.Type: "a text"
        case is Bool.Type: "true or false"
        case is Node.Sequence.Type: "a list"
        case is Node.Scalar.Type: "one value"
        default: "a section"
        }
    }

    private static func firstLine(_ text: String) -> String {
        text.split(separator: "\n").first.map(String.init) ?? text
    }
}
