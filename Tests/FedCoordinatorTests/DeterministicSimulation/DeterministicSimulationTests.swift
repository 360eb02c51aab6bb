// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import Foundation
import Testing

/// Coordinator, store, workers and network from one seed, on a virtual clock: `Documentation/DeterministicSimulation.md`.
///
/// `FED_SEEDS=100000` runs more seeds, `FED_SEED=4711` one, with its trace.
@Suite struct DeterministicSimulationTests {
    static let chosen = ProcessInfo.processInfo.environment["FED_SEED"].flatMap(UInt64.init)
    static let count = ProcessInfo.processInfo.environment["FED_SEEDS"].flatMap(UInt64.init) ?? 2000
    /// Within so many seeds each bug is found.
    static let fewSeeds = 4000
    /// How many lines of a failing seed are shown.
    static let shownLines = 120

    /// The seeds in stretches that run beside each other.
    static let stretches: [Range<UInt64>] =
        if let chosen {
            [chosen..<chosen + 1]
        } else {
            stride(from: 0, to: count, by: 100).map { $0..<min($0 + 100, count) }
        }

    @Test(arguments: stretches) func everySeedKeepsTheLaws(seeds: Range<UInt64>) async {
        for seed in seeds {
            // Tests beside this one wait for clocks.
            await Task.yield()
            let outcome = SimulatedWorld(seed: seed, isTraced: Self.chosen != nil).run()
            if Self.chosen != nil { print(outcome.lines.joined(separator: "\n")) }
            guard let violation = outcome.violation else { continue }
            Issue.record("seed \(seed): \(violation)\n\(Self.trace(of: seed))\nagain: FED_SEED=\(seed)")
            return
        }
    }

    /// Each way to be wrong is noticed, and within few seeds.
    @Test(arguments: SimulatedBug.allCases) func everyBugIsFound(bug: SimulatedBug) async {
        for seed in 0..<UInt64(Self.fewSeeds) {
            await Task.yield()
            if SimulatedWorld(seed: seed, bug: bug).run().violation != nil { return }
        }
        Issue.record("\(bug) was not noticed")
    }

    @Test(arguments: 0..<UInt64(20)) func aSeedAlwaysTellsTheSameStory(seed: UInt64) {
        let first = SimulatedWorld(seed: seed, isTraced: true).run()
        #expect(first.lines == SimulatedWorld(seed: seed, isTraced: true).run().lines)
        #expect(first.lines.count > 10)
    }

    /// Late updates are folded, rounds are tried again and coordinators are started again, or nothing would have been shown.
    @Test func theSeedsMeetWhatTheyAreFor() {
        let outcomes = (0..<UInt64(300)).map { SimulatedWorld(seed: $0).run() }
        #expect(outcomes.reduce(0) { $0 + $1.folded } >= 10)
        #expect(outcomes.reduce(0) { $0 + $1.shortAttempts } >= 10)
        #expect(outcomes.reduce(0) { $0 + $1.lives - 1 } >= 50)
        #expect(outcomes.reduce(0) { $0 + $1.calmRounds } >= 1)
        #expect(outcomes.reduce(0) { $0 + $1.events } >= 10_000)
    }

    /// The end of what a seed tells.
    static func trace(of seed: UInt64) -> String {
        SimulatedWorld(seed: seed, isTraced: true).run().lines.suffix(shownLines).joined(separator: "\n")
    }
}
