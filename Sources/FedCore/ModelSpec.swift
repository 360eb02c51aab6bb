// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Which network to train, as a run file's `model` section says it.
public struct ModelSpec: Hashable, Codable, Sendable {
    /// A name of the model zoo, such as `mlp` or `lenet`.
    public var architecture: String
    /// Widths of the hidden layers of an `mlp`; nil takes the architecture's default.
    public var hidden: [Int]?
    /// The share of the architecture's hidden channels (or units) that the network has.
    public var width: WidthRatio
    /// What its batch normalisation layers hold; for an architecture without such layers `batch`.
    public var normalization: Normalization
    /// Share of hidden units that a training pass leaves out, in [0, 1).
    public var dropout: Float

    /// Names an architecture, with every default visible.
    public init(
        architecture: String, hidden: [Int]? = nil, width: WidthRatio = .full, normalization: Normalization = .batch,
        dropout: Float = 0
    ) {
        self.architecture = architecture
        self.hidden = hidden
        self.width = width
        self.normalization = normalization
        self.dropout = dropout
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case architecture, hidden, width, normalization, dropout
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            architecture: try container.decode(String.self, forKey: .architecture),
            hidden: try container.decodeIfPresent([Int].self, forKey: .hidden),
            width: try container.decodeIfPresent(WidthRatio.self, forKey: .width) ?? .full,
            normalization: try container.decodeIfPresent(Normalization.self, forKey: .normalization) ?? .batch,
            dropout: try container.decodeIfPresent(Float.self, forKey: .dropout) ?? 0)
    }

    /// Throws `CoreError.invalidSpecification` with the first setting that is out of its range.
    ///
    /// Whether an architecture takes a setting at all is not judged here.
    public func validate() throws(CoreError) {
        guard (hidden ?? []).count <= 64 else {
            throw CoreError(.invalidSpecification, "model.hidden: at most 64 hidden layers, not \(hidden?.count ?? 0)")
        }
        for width in hidden ?? [] where !(1...65_536).contains(width) {
            throw CoreError(.invalidSpecification, "model.hidden: widths must be 1 to 65536, not \(width)")
        }
        guard (0..<1).contains(dropout) else {
            throw CoreError(.invalidSpecification, "model.dropout: must be in [0, 1), not \(dropout)")
        }
    }
}
