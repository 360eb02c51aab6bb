// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The order, shapes and offsets of a model's parameters in one flat vector.
///
/// Two parties that hold the same layout can exchange parameters as bare values.
public struct ModelLayout: Hashable, Sendable {
    /// No model has more parameters than this (2^32): offsets stay far from overflow whatever a peer claims.
    public static let maximumCount = 1 << 32
    /// No layout has more tensors than this.
    public static let maximumTensors = 100_000
    /// No parameter name has more bytes than this.
    public static let maximumNameLength = 256

    /// The tensors, in the order of their values in the flat vector.
    public let parameters: [ParameterSpec]
    /// Where each tensor lies in the flat vector, in the order of `parameters`.
    public let segments: [Range<Int>]
    /// The number of values altogether.
    public var count: Int { segments.last?.upperBound ?? 0 }

    /// Lays tensors out one after the other.
    ///
    /// Throws `CoreError.invalidLayout` for a repeated, empty or overlong name, a dimension below 1, more than
    /// `maximumTensors` tensors or more than `maximumCount` values.
    public init(_ parameters: [ParameterSpec]) throws(CoreError) {
        guard parameters.count <= Self.maximumTensors else {
            throw CoreError(.invalidLayout, "a layout has at most \(Self.maximumTensors) tensors")
        }
        var segments: [Range<Int>] = []
        segments.reserveCapacity(parameters.count)
        var names: Set<String> = []
        var offset = 0
        for parameter in parameters {
            guard (1...Self.maximumNameLength).contains(parameter.name.utf8.count),
                names.insert(parameter.name).inserted
            else {
                throw CoreError(.invalidLayout, "tensor \(segments.count) has an empty, overlong or repeated name")
            }
            var count = 1
            for dimension in parameter.shape {
                guard dimension >= 1 else {
                    throw CoreError(.invalidLayout, "tensor \(segments.count) has a dimension below 1")
                }
                let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
                guard !overflow, product <= Self.maximumCount else {
                    throw CoreError(.invalidLayout, "a model has at most \(Self.maximumCount) parameters")
                }
                count = product
            }
            guard offset + count <= Self.maximumCount else {
                throw CoreError(.invalidLayout, "a model has at most \(Self.maximumCount) parameters")
            }
            segments.append(offset..<offset + count)
            offset += count
        }
        self.parameters = parameters
        self.segments = segments
    }
}

extension ModelLayout: Codable {
    public init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode([ParameterSpec].self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(parameters)
    }
}
