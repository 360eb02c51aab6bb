// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What of a model workers train by itself.
public enum TrainedParts: Hashable, Sendable {
    /// So many networks of one shape, one after the other; one is the whole model.
    case bases(Int)
    /// Slices of one network, the narrowest first; the last is all of it.
    case levels([NestedLevel])

    /// The parts of `model`, whose levels, if it has any, are `levels`.
    public init(of model: ModelSpec, levels: [NestedLevel]) {
        precondition(model.levels == levels.map(\.width), "the levels are those of the model")
        self = levels.isEmpty ? .bases(model.bases) : .levels(levels)
    }

    /// Whether the model has what `scope` names.
    public func has(_ scope: UpdateScope) -> Bool {
        switch self {
        case .bases(let count): scope.width == nil && scope.isValid(bases: count)
        case .levels: level(of: scope) != nil
        }
    }

    /// The level that `scope` names; nil where it names none.
    public func level(of scope: UpdateScope) -> NestedLevel? {
        guard case .levels(let levels) = self, let width = scope.width else { return nil }
        return levels.first { $0.width == width }
    }

    /// How many values of a model of `parameters` are in a part: in `bases`, in the level of `width`, or, without either, all.
    public func count(bases: [Int]?, width: WidthRatio?, of parameters: Int) -> Int {
        switch self {
        case .bases(let count): bases.map { $0.count * (parameters / count) } ?? parameters
        case .levels: width.flatMap { level(of: .nested($0)) }?.slice.layout.count ?? parameters
        }
    }

    /// Whether workers train less than the whole model.
    public var isDivided: Bool { self != .bases(1) }
}
