// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedStrategies

/// What a seed stands for: a run, and how bad its world is until it heals.
struct Scenario {
    /// What is done about updates, rounds and workers.
    let config: RunConfig
    /// The workers, ordered.
    let workers: [WorkerID]
    /// Whether workers keep an update until it is settled, as those with a memory do; else a new assignment replaces it.
    let hasMemory: Bool
    /// Whether messages overtake each other, come twice or get lost within a connection, which TLS would end.
    let isUnruly: Bool
    /// No fault happens after this instant, and all that was broken is repaired then; seconds.
    let healsAt: Double
    /// Nothing is left of the faults after this instant: workers are back, and trainings of before are over.
    var calmAt: Double { healsAt + longestTraining + 35 }
    /// Seconds between faults, on average.
    let faultInterval: Double
    /// Seconds that the longest training takes.
    let longestTraining: Double
    /// How many trainings take long until the world is healed.
    let shareOfLong: Double
    /// How much of what the coordinator asks of its disk takes long until then.
    let shareOfSlowDisk: Double

    /// The run's name.
    static let run: RunID = {
        guard let run = try? RunID("simulated-1") else { preconditionFailure("the name is one of a run") }
        return run
    }()

    /// Draws a scenario.
    init(drawnFrom generator: inout SeededGenerator) {
        let count = 1 + generator.nextIndex(below: 5)
        workers = (1...count).compactMap { try? WorkerID("w\($0)") }
        let foldsLate = generator.nextIndex(below: 2) == 0
        let deadline: DeadlineSpec =
            generator.nextIndex(below: 3) == 0 ? .auto : .seconds(8 + 24 * generator.nextUnitDouble())
        let cohort = RunConfig.CohortSection(
            fraction: [1, 1, 0.6][generator.nextIndex(below: 3)],
            quorum: [0.3, 0.5, 0.8, 1][generator.nextIndex(below: 4)], deadlineSeconds: deadline,
            minimumWorkers: 1 + generator.nextIndex(below: count),
            overSelection: foldsLate ? 1 : [1, 1, 1.5, 2][generator.nextIndex(below: 4)],
            late: foldsLate ? .fold : .refuse, staleness: foldsLate ? [1, 3, 10][generator.nextIndex(below: 3)] : nil)
        let limits = RunConfig.LimitsSection(
            examplesPerWorker: 1000, refusalsInARow: [0, 2, 5][generator.nextIndex(below: 3)])
        config = RunConfig(
            name: "simulated", seed: generator.next(), model: ModelSpec(architecture: "mlp"),
            data: .init(dataset: "digits"), training: LocalTrainingSpec(optimizer: OptimizerSpec(learningRate: 0.1)),
            strategy: StrategySpec(
                name: "fedavg", weighting: generator.nextIndex(below: 3) == 0 ? .uniform : .examples),
            uplink: CodecSpec(CodecID("dense-float32")), rounds: 2 + generator.nextIndex(below: 7), cohort: cohort,
            limits: limits)
        hasMemory = generator.nextIndex(below: 2) == 0
        isUnruly = generator.nextIndex(below: 3) == 0
        healsAt = 5 + 195 * generator.nextUnitDouble()
        faultInterval = [1, 4, 12, 30][generator.nextIndex(below: 4)]
        longestTraining = [4, 40, 120][generator.nextIndex(below: 3)]
        shareOfSlowDisk = [0.02, 0.2, 0.6][generator.nextIndex(below: 3)]
        shareOfLong = [0.02, 0.2, 0.5][generator.nextIndex(below: 3)]
    }
}
