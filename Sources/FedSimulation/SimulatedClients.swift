// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCoordinator
internal import FedCore
internal import FedTraining

/// The workers of a simulation in one process: their names and the examples that each holds.
///
/// Worker i of N, counted from 1, is called `worker-i` and holds what a worker process with `--shard i/N` would.
struct SimulatedClients: Sendable {
    /// The names, ascending, as a coordinator orders them.
    let names: [WorkerID]
    private let examples: [WorkerID: Dataset]
    private let sabotages: [WorkerID: Sabotage]

    /// Divides `train` among `count` workers as the configuration says; `attackers` do as they do.
    ///
    /// Throws `TrainingError.invalidPartition` where the data cannot be divided so.
    init(count: Int, config: RunConfig, train: Dataset, attackers: Attackers?) throws {
        let parts = try Partitioner.partition(
            train, spec: config.data.partition, parts: count, seed: config.seed)
        var examples: [WorkerID: Dataset] = [:]
        var sabotages: [WorkerID: Sabotage] = [:]
        for (number, part) in zip(1..., parts) {
            let own = Partitioner.sample(part, fraction: config.data.fraction, number: number, seed: config.seed)
            let worker = try WorkerID("worker-\(number)")
            let cutOut = own.count == train.count ? train : train.subset(own)
            sabotages[worker] = attackers?.sabotage(of: number)
            examples[worker] = try sabotages[worker]?.distorted(cutOut) ?? cutOut
        }
        self.examples = examples
        self.sabotages = sabotages
        names = examples.keys.sorted()
    }

    /// What a worker holds; `worker` must be one of `names`.
    func examples(of worker: WorkerID) -> Dataset {
        guard let own = examples[worker] else { preconditionFailure("only workers of the simulation are chosen") }
        return own
    }

    /// What a worker does that attacks; nil for honest ones.
    func sabotage(of worker: WorkerID) -> Sabotage? { sabotages[worker] }

    /// The most examples that a worker holds.
    var largestCount: Int { examples.values.reduce(0) { max($0, $1.count) } }
}
