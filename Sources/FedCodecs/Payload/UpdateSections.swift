// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Which tensors of a model travel exactly, as float32, and which go through a codec.
///
/// Exact are running statistics, and what a specification names. All others form one stream, the coded entries in layout order,
/// so that small tensors share what a codec spends on a block.
public struct UpdateSections: Sendable {
    /// The tensors sent as float32, in layout order.
    public let exact: [Range<Int>]
    /// The tensors that go through the codec, in layout order.
    public let coded: [Range<Int>]
    /// The number of entries of `exact`.
    public let exactCount: Int
    /// The number of entries of `coded`.
    public let codedCount: Int

    /// Divides a layout's tensors as a specification says.
    public init(_ layout: ModelLayout, _ spec: CodecSpec) {
        let dense = Self.densePrefixes(layout, spec)
        var exact: [Range<Int>] = []
        var coded: [Range<Int>] = []
        for (parameter, segment) in zip(layout.parameters, layout.segments) {
            let isExact =
                parameter.role.isStatistics || segment.count < spec.denseBelow
                || dense.contains(Self.layer(of: parameter))
                || (parameter.role == .bias && spec.dense.contains(.bias))
                || ([.normScale, .normShift].contains(parameter.role) && spec.dense.contains(.norm))
            if isExact { exact.append(segment) } else { coded.append(segment) }
        }
        self.exact = exact
        self.coded = coded
        exactCount = exact.reduce(0) { $0 + $1.count }
        codedCount = layout.count - exactCount
    }

    /// The layers that travel exactly as a whole.
    private static func densePrefixes(_ layout: ModelLayout, _ spec: CodecSpec) -> Set<String> {
        let weights = layout.parameters.filter { $0.role == .weight }
        var prefixes: Set<String> = []
        if spec.dense.contains(.firstLayer), let first = weights.first { prefixes.insert(layer(of: first)) }
        if spec.dense.contains(.lastLayer), let last = weights.last { prefixes.insert(layer(of: last)) }
        return prefixes
    }

    /// What is before the last dot of a tensor's name.
    private static func layer(of parameter: ParameterSpec) -> String {
        guard let dot = parameter.name.lastIndex(of: ".") else { return parameter.name }
        return String(parameter.name[..<dot])
    }
}
