// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Which parameters an assignment trains and uploads.
public enum UpdateScope: Hashable, Sendable {
    /// The whole model, in layout order.
    case wholeModel
    /// Some base networks of a model of several, by their numbers from 0: ascending, at least one.
    case bases([Int])
    /// The slice of this width of a network that narrower ones are nested in.
    case nested(WidthRatio)

    /// Whether the scope names bases that a model of `count` of them has, ascending, and at least one.
    public func isValid(bases count: Int = ModelSpec.maximumBases) -> Bool {
        guard case .bases(let bases) = self else { return true }
        return !bases.isEmpty && bases.allSatisfy { (0..<count).contains($0) }
            && zip(bases, bases.dropFirst()).allSatisfy { $0 < $1 }
    }

    /// Where the scope's parameters lie in a model of `count` values that consists of `bases` networks of one size, one after the
    /// other, neighbours as one range.
    public func ranges(of count: Int, bases: Int) -> [Range<Int>] {
        guard case .bases(let chosen) = self else { return count == 0 ? [] : [0..<count] }
        let size = count / bases
        var ranges: [Range<Int>] = []
        for base in chosen {
            if let last = ranges.last, last.upperBound == base * size {
                ranges[ranges.count - 1] = last.lowerBound..<(base + 1) * size
            } else {
                ranges.append(base * size..<(base + 1) * size)
            }
        }
        return ranges
    }
}

extension UpdateScope: Codable, CustomStringConvertible {
    /// `whole-model`, `bases:` with numbers between commas, or `nested:` with a width.
    public var description: String {
        switch self {
        case .wholeModel: "whole-model"
        case .bases(let bases): "bases:" + bases.map(String.init).joined(separator: ",")
        case .nested(let width): "nested:\(width)"
        }
    }

    /// Throws `DecodingError.dataCorrupted` for anything that `description` does not give.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard text != Self.wholeModel.description else {
            self = .wholeModel
            return
        }
        let prefix = "nested:"
        if text.hasPrefix(prefix), let width = try? WidthRatio(text: String(text.dropFirst(prefix.count))),
            text == Self.nested(width).description
        {
            self = .nested(width)
            return
        }
        let numbers = text.dropFirst("bases:".count).split(separator: ",", omittingEmptySubsequences: false)
        let bases = numbers.compactMap { Int($0) }
        self = .bases(bases)
        guard text.hasPrefix("bases:"), bases.count == numbers.count, isValid() else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "\(text) is no scope: it is whole-model, or such as bases:0,3 or nested:1/4")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension UpdateScope {
    /// The bases that are named; nil for none.
    public var bases: [Int]? { if case .bases(let bases) = self { bases } else { nil } }

    /// The width of the slice that is named; nil for none.
    public var width: WidthRatio? { if case .nested(let width) = self { width } else { nil } }
}
