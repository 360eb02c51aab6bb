// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// How a branch of dual batch norms is chosen: what is said behind `--robustness`.
public enum BranchChoice: Hashable, Sendable {
    /// The same mixture for all examples: λ, 0 the clean branch and 1 the adversarial one.
    case mixed(Float)
    /// By the model's detector, for each example.
    case detected

    /// As people write it: a number, or `auto`; nil for anything else.
    public init?(_ text: String) {
        if text == "auto" {
            self = .detected
        } else if let share = Float(text) {
            self = .mixed(share)
        } else {
            return nil
        }
    }
}

extension BranchChoice: Encodable {
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .mixed(let share): try container.encode(share)
        case .detected: try container.encode("auto")
        }
    }
}
