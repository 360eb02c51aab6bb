// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// How training images are varied, as a run file's `training.augmentation` section says it.
///
/// What happens to an image depends on the assignment's seed, the epoch and the image only.
public struct AugmentationSpec: Hashable, Codable, Sendable {
    /// The image is surrounded by so many pixels of zeros and cut back to its size at a random place; 0 for none.
    public var cropPadding: Int
    /// Whether every other image, by chance, is mirrored left to right.
    public var horizontalFlip: Bool

    /// An augmentation with every default visible.
    public init(cropPadding: Int = 0, horizontalFlip: Bool = false) {
        self.cropPadding = cropPadding
        self.horizontalFlip = horizontalFlip
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case cropPadding, horizontalFlip
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            cropPadding: try container.decodeIfPresent(Int.self, forKey: .cropPadding) ?? 0,
            horizontalFlip: try container.decodeIfPresent(Bool.self, forKey: .horizontalFlip) ?? false)
    }
}
