// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Running means and variances of a worker's batch normalisation as they travel: the values of the tensors that stay with the
/// worker, in layout order, in no way checked.
public struct WorkerStatistics: Hashable, Codable, Sendable {
    /// No more values of either kind travel.
    public static let maximumCount = 100_000

    /// Those over clean inputs.
    public var clean: [Float]
    /// Those over attacked inputs; nil of a worker that has not trained on such.
    public var adversarial: [Float]?

    /// What a worker shares.
    public init(clean: [Float], adversarial: [Float]? = nil) {
        self.clean = clean
        self.adversarial = adversarial
    }

    private enum CodingKeys: String, CodingKey {
        case clean, adversarial
    }

    /// Reads bit patterns, which are exact and need not be numbers.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        clean = try container.decode([UInt32].self, forKey: .clean).map(Float.init(bitPattern:))
        adversarial = try container.decodeIfPresent([UInt32].self, forKey: .adversarial)?
            .map(Float.init(bitPattern:))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(clean.map(\.bitPattern), forKey: .clean)
        try container.encodeIfPresent(adversarial?.map(\.bitPattern), forKey: .adversarial)
    }
}
