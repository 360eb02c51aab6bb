// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// How one data set is divided among workers, as a run file's `data.partition` section says it.
///
/// In a run file: `{ scheme: iid }`, `{ scheme: dirichlet, alpha: 0.5 }`, `{ scheme: classes-per-worker, classes: 2 }`,
/// `{ scheme: shards, shardsPerWorker: 2 }`, `{ scheme: quantity, alpha: 0.5 }`, `{ scheme: groups, by: writer }`,
/// `{ scheme: domains, by: domain }`.
public enum PartitionSpec: Hashable, Sendable {
    /// Shuffled and cut into equal parts.
    case iid
    /// Each class is divided by proportions drawn from Dirichlet(`alpha`); small `alpha` means unlike workers.
    case dirichlet(alpha: Double)
    /// Every worker holds examples of `classes` classes, in equal amounts.
    case classesPerWorker(classes: Int)
    /// Sorted by label, cut into equal shards, and every worker is dealt `shardsPerWorker` of them.
    case shards(shardsPerWorker: Int)
    /// Shuffled and cut into parts whose sizes are drawn from Dirichlet(`alpha`); small `alpha` means unequal workers.
    case quantity(alpha: Double)
    /// All examples with the same value of the attribute `by` stay together: writers, hospitals, speakers.
    case groups(by: String)
    /// Every worker belongs to one value of the attribute `by`, in turn, and shares its examples with the others of it.
    case domains(by: String)

    /// The names of all schemes, as a run file writes them.
    public static let schemes = Scheme.allCases.map(\.rawValue)

    /// The attribute that `domains` goes by where the run file names none.
    public static let defaultDomainAttribute = "domain"
}

extension PartitionSpec: Codable {
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case scheme, alpha, classes, shardsPerWorker, by
    }

    enum Scheme: String, CaseIterable {
        case iid
        case dirichlet
        case classesPerWorker = "classes-per-worker"
        case shards
        case quantity
        case groups
        case domains
    }

    /// The settings of each scheme, besides its name.
    private static func settings(of scheme: Scheme) -> [CodingKeys] {
        switch scheme {
        case .iid: []
        case .dirichlet, .quantity: [.alpha]
        case .classesPerWorker: [.classes]
        case .shards: [.shardsPerWorker]
        case .groups, .domains: [.by]
        }
    }

    /// The scheme's name, as a run file writes it.
    public var schemeName: String { scheme.rawValue }

    private var scheme: Scheme {
        switch self {
        case .iid: .iid
        case .dirichlet: .dirichlet
        case .classesPerWorker: .classesPerWorker
        case .shards: .shards
        case .quantity: .quantity
        case .groups: .groups
        case .domains: .domains
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let name = try container.decode(String.self, forKey: .scheme)
        switch Scheme(rawValue: name) {
        case .iid: self = .iid
        case .dirichlet: self = .dirichlet(alpha: try container.decode(Double.self, forKey: .alpha))
        case .classesPerWorker: self = .classesPerWorker(classes: try container.decode(Int.self, forKey: .classes))
        case .shards: self = .shards(shardsPerWorker: try container.decode(Int.self, forKey: .shardsPerWorker))
        case .quantity: self = .quantity(alpha: try container.decode(Double.self, forKey: .alpha))
        case .groups: self = .groups(by: try container.decode(String.self, forKey: .by))
        case .domains:
            self = .domains(by: try container.decodeIfPresent(String.self, forKey: .by) ?? Self.defaultDomainAttribute)
        case nil:
            throw DecodingError.dataCorruptedError(
                forKey: .scheme, in: container,
                debugDescription: NearestName.unknown("scheme", name, among: Self.schemes))
        }
        for key in CodingKeys.allCases
        where key != .scheme && container.contains(key) && !Self.settings(of: scheme).contains(key) {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: container, debugDescription: "the scheme \(name) has no such setting: remove it")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schemeName, forKey: .scheme)
        switch self {
        case .iid: break
        case .dirichlet(let alpha), .quantity(let alpha): try container.encode(alpha, forKey: .alpha)
        case .classesPerWorker(let classes): try container.encode(classes, forKey: .classes)
        case .shards(let shardsPerWorker): try container.encode(shardsPerWorker, forKey: .shardsPerWorker)
        case .groups(let attribute), .domains(let attribute): try container.encode(attribute, forKey: .by)
        }
    }
}

extension PartitionSpec: CustomStringConvertible {
    /// As in `dirichlet, alpha 0.5`.
    public var description: String {
        switch self {
        case .iid: schemeName
        case .dirichlet(let alpha), .quantity(let alpha): "\(schemeName), alpha \(alpha)"
        case .classesPerWorker(let classes): "\(schemeName), \(classes) classes"
        case .shards(let shardsPerWorker): "\(schemeName), \(shardsPerWorker) per worker"
        case .groups(let attribute), .domains(let attribute): "\(schemeName) by \(attribute)"
        }
    }
}

extension PartitionSpec {
    /// Throws `CoreError.invalidSpecification`, naming the key, for a number out of range or an attribute without a name.
    public func validate() throws(CoreError) {
        switch self {
        case .iid: break
        case .dirichlet(let alpha), .quantity(let alpha):
            try Self.require(
                alpha.isFinite && (0.001...1_000_000).contains(alpha),
                "data.partition.alpha: must be 0.001 to 1000000, not \(alpha)")
        case .classesPerWorker(let classes):
            try Self.require(
                (1...100_000).contains(classes), "data.partition.classes: must be 1 to 100000, not \(classes)")
        case .shards(let shardsPerWorker):
            try Self.require(
                (1...100_000).contains(shardsPerWorker),
                "data.partition.shardsPerWorker: must be 1 to 100000, not \(shardsPerWorker)")
        case .groups(let attribute), .domains(let attribute):
            try Self.require(
                (1...64).contains(attribute.utf8.count),
                "data.partition.by: takes the name of an attribute, 1 to 64 bytes long")
        }
    }

    private static func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(CoreError) {
        guard condition else { throw CoreError(.invalidSpecification, message()) }
    }
}
