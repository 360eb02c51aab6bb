// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A network's tensors, divided into those that travel and those that stay with each worker, which has values of its own for
/// them (local batch normalisation: FedBN, Li et al., ICLR 2021).
///
/// Both are in the order of the whole. What stays is not part of anything that is sent, encoded, summed up or kept by a
/// coordinator.
public struct ModelParts: Hashable, Sendable {
    /// All tensors.
    public let whole: ModelLayout
    /// Those that travel.
    public let travelling: ModelLayout
    /// Those that stay with each worker.
    public let own: ModelLayout
    /// Where those that stay lie in the whole, neighbours as one range.
    private let ownRanges: [Range<Int>]

    /// Divides a layout; tensors of `roles` stay.
    public init(_ whole: ModelLayout, keeping roles: Set<ParameterRole>) {
        self.whole = whole
        travelling = whole.filtered { !roles.contains($0) }
        own = whole.filtered(roles.contains)
        var ranges: [Range<Int>] = []
        for (parameter, segment) in zip(whole.parameters, whole.segments) where roles.contains(parameter.role) {
            if let last = ranges.last, last.upperBound == segment.lowerBound {
                ranges[ranges.count - 1] = last.lowerBound..<segment.upperBound
            } else {
                ranges.append(segment)
            }
        }
        ownRanges = ranges
    }

    /// Whether everything travels.
    public var isWhole: Bool { ownRanges.isEmpty }

    /// All values, of those that travel and of a worker's own; as many as the layouts count.
    public func joined(_ travelling: [Float], own: [Float]) -> [Float] {
        precondition(travelling.count == self.travelling.count && own.count == self.own.count, "a value for each")
        guard !isWhole else { return travelling }
        var values: [Float] = []
        values.reserveCapacity(whole.count)
        var (rest, ownRest) = (travelling[...], own[...])
        for range in ownRanges {
            let count = range.lowerBound - values.count
            values += rest.prefix(count)
            rest = rest.dropFirst(count)
            values += ownRest.prefix(range.count)
            ownRest = ownRest.dropFirst(range.count)
        }
        return values + rest
    }

    /// Of all values, those that travel.
    public func travelling(of values: [Float]) -> [Float] {
        precondition(values.count == whole.count, "a value for each")
        guard !isWhole else { return values }
        var result: [Float] = []
        result.reserveCapacity(travelling.count)
        var start = 0
        for range in ownRanges {
            result += values[start..<range.lowerBound]
            start = range.upperBound
        }
        return result + values[start...]
    }

    /// Of all values, those that stay.
    public func own(of values: [Float]) -> [Float] {
        precondition(values.count == whole.count, "a value for each")
        return ownRanges.flatMap { values[$0] }
    }
}

extension ModelLayout {
    /// The tensors of some roles, in the same order.
    fileprivate func filtered(_ isWanted: (ParameterRole) -> Bool) -> ModelLayout {
        guard let layout = try? ModelLayout(parameters.filter { isWanted($0.role) }) else {
            preconditionFailure("a part of a layout is a layout")
        }
        return layout
    }
}

extension ParameterRole {
    /// Those of batch normalisation.
    public static let normalization: Set<ParameterRole> = [
        .normScale, .normShift, .cleanStatistics, .adversarialStatistics,
    ]
    /// Those that are estimated rather than trained.
    public static let statistics: Set<ParameterRole> = [.cleanStatistics, .adversarialStatistics]
}
