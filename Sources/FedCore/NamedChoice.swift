// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// One of a few names that people write, as in `entropy: auto`.
public protocol NamedChoice: RawRepresentable<String>, CaseIterable, Codable, Hashable {}

extension NamedChoice {
    /// Throws `DecodingError.dataCorrupted` with what was probably meant, and what there is.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let name = try container.decode(String.self)
        guard let choice = Self(rawValue: name) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: NearestName.unknown("value", name, among: Self.allCases.map(\.rawValue)))
        }
        self = choice
    }
}
