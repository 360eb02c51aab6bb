// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

extension ModelLayout {
    /// Whether the layout is that of `bases` networks of one shape, one after the other.
    public func repeats(_ bases: Int) -> Bool {
        guard bases >= 1, parameters.count.isMultiple(of: bases) else { return false }
        let size = parameters.count / bases
        return parameters.indices.allSatisfy { index in
            let (parameter, first) = (parameters[index], parameters[index % max(1, size)])
            return parameter.shape == first.shape && parameter.role == first.role
        }
    }

    /// The layout of one base network of a model of `bases` networks of one shape, one after the other.
    public func base(of bases: Int) -> ModelLayout {
        guard bases > 1 else { return self }
        precondition(parameters.count.isMultiple(of: bases), "all bases have the same tensors")
        guard let layout = try? ModelLayout(Array(parameters.prefix(parameters.count / bases))) else {
            preconditionFailure("a part of a layout is a layout")
        }
        precondition(layout.count * bases == count, "all bases have the same size")
        return layout
    }
}
