// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// How one data set is divided among workers, as a run file's `data.partition` section says it.
///
/// In a run file: `{ scheme: iid }`, `{ scheme: dirichlet, alpha: 0.5 }`, `{ scheme: classes-per-worker, classes: 2 }`.
public enum PartitionSpec: Hashable, Sendable {
    /// Shuffled and cut into equal parts.
    case iid
    /// Each class is divided by proportions drawn from Dirichlet(`alpha`); small `alpha` means unlike workers.
    case dirichlet(alpha: Double)
    /// Every worker holds examples of `classes` classes, in equal amounts.
    case classesPerWorker(classes: Int)
}

extension PartitionSpec: Codable {
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case scheme, alpha, classes
    }

    package enum Scheme: String, Codable, CaseIterable {
        case iid
        case dirichlet
        case classesPerWorker = "classes-per-worker"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(Scheme.self, forKey: .scheme) {
        case .iid: self = .iid
        case .dirichlet: self = .dirichlet(alpha: try container.decode(Double.self, forKey: .alpha))
        case .classesPerWorker: self = .classesPerWorker(classes: try container.decode(Int.self, forKey: .classes))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .iid: try container.encode(Scheme.iid, forKey: .scheme)
        case .dirichlet(let alpha):
            try container.encode(Scheme.dirichlet, forKey: .scheme)
            try container.encode(alpha, forKey: .alpha)
        case .classesPerWorker(let classes):
            try container.encode(Scheme.classesPerWorker, forKey: .scheme)
            try container.encode(classes, forKey: .classes)
        }
    }
}
