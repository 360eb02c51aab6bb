// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCoordinator
internal import FedCore
public import FedTraining

/// Which workers of a simulation attack, and how.
public struct Attackers: Hashable, Sendable {
    /// What they do.
    public let sabotage: Sabotage
    /// Their numbers, counted from 1, ascending.
    public let numbers: [Int]

    /// The nearest whole number to `share`, in (0, 1), of `workers`, at least one, drawn with the seed of the run.
    public init(_ sabotage: Sabotage, share: Double, of workers: Int, seed: UInt64) {
        precondition(share > 0 && share < 1 && workers >= 1, "a share of some workers")
        self.sabotage = sabotage
        var generator = SeededGenerator(key: seed).stream("attackers")
        var numbers = Array(1...workers)
        generator.shuffle(&numbers)
        self.numbers = numbers.prefix(max(1, Int((share * Double(workers)).rounded()))).sorted()
    }

    /// What the worker of that number does; nil for honest work.
    func sabotage(of number: Int) -> Sabotage? { numbers.contains(number) ? sabotage : nil }

    /// What the report says.
    public var report: RunReport.Attack {
        RunReport.Attack(
            kind: sabotage.kind.rawValue, scale: sabotage.kind.hasScale ? sabotage.scale : nil,
            attackers: numbers.map { "worker-\($0)" })
    }
}
