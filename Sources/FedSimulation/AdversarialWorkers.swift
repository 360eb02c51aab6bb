// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Which workers of a simulation train adversarially, with strategies of which only some do.
public struct AdversarialWorkers: Hashable, Sendable {
    /// Their numbers, counted from 1, as ranges; nil for all.
    private let ranges: [ClosedRange<Int>]?

    /// Every worker.
    public static let all = AdversarialWorkers(ranges: nil)

    private init(ranges: [ClosedRange<Int>]?) { self.ranges = ranges }

    /// These numbers, counted from 1.
    public init(_ numbers: Set<Int>) { ranges = numbers.sorted().map { $0...$0 } }

    /// Reads `all`, or numbers and ranges of them between commas, as in `1-4,9`; throws `CoreError.invalidSpecification` with a
    /// sentence for anything else.
    public init(text: String) throws(CoreError) {
        guard text != "all" else {
            self = .all
            return
        }
        ranges = try text.split(separator: ",", omittingEmptySubsequences: false).map { item throws(CoreError) in
            let ends = item.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1], first >= 1, first <= last
            else {
                throw CoreError(
                    .invalidSpecification, "\(item) names no workers: give numbers from 1 on, such as 1-4,9, or all")
            }
            return first...last
        }
    }

    /// Whether the worker of that number, counted from 1, trains adversarially.
    public func contains(_ number: Int) -> Bool { ranges.map { $0.contains { $0.contains(number) } } ?? true }

    /// The largest number that is named; 0 where none is, and for all.
    public var largest: Int { ranges?.map(\.upperBound).max() ?? 0 }

    /// Those of `workers` that train adversarially, by name.
    func names(among workers: Int) throws -> Set<WorkerID> {
        Set(try (1...workers).filter(contains).map { try WorkerID("worker-\($0)") })
    }
}
