// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

extension ServerModel {
    /// The layout of a model of `layout` with the vectors `names` of its state behind it, in that order.
    ///
    /// Throws `CoreError.invalidLayout` when that is too much for one layout.
    public static func layout(of layout: ModelLayout, with names: [String]) throws(CoreError) -> ModelLayout {
        guard !names.isEmpty else { return layout }
        return try ModelLayout(
            layout.parameters
                + names.map { ParameterSpec(name: "__state__/\($0)", shape: [layout.count], role: .weight) })
    }

    /// The model with the vectors `names` of its state, which it must have, as one vector.
    public func joined(with names: [String]) throws(CoreError) -> ParameterVector {
        guard !names.isEmpty else { return parameters }
        var values = parameters.values
        for name in names {
            guard let vector = state[name] else { preconditionFailure("the state has what travels") }
            values += vector
        }
        return try ParameterVector(layout: Self.layout(of: parameters.layout, with: names), values: values)
    }

    /// Takes a vector that `joined` made apart.
    ///
    /// Throws `CoreError.countMismatch` when it was not made of this layout and these names.
    public init(_ joined: ParameterVector, layout: ModelLayout, names: [String]) throws(CoreError) {
        guard joined.values.count == layout.count * (1 + names.count) else {
            throw CoreError(.countMismatch, "the model has \(layout.count) parameters and \(names.count) moments")
        }
        guard !names.isEmpty else {
            self.init(parameters: joined)
            return
        }
        let count = layout.count
        self.init(parameters: try ParameterVector(layout: layout, values: Array(joined.values[..<count])))
        for (index, name) in names.enumerated() {
            state[name] = Array(joined.values[((index + 1) * count)..<((index + 2) * count)])
        }
    }
}
