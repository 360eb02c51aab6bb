// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
internal import FedTraining
internal import Synchronization

/// Trains with the built-in engine on data of this machine.
///
/// Data, shard and network are kept from one assignment to the next.
public final class EngineTrainer: LocalTrainer {
    private struct State {
        var split: (dataset: String, train: Dataset)?
        var shard: (run: RunDescription, data: Dataset)?
        var network: (model: ModelSpec, batch: Int, network: Network)?
    }

    private let data: WorkerData
    private let state = Mutex(State())

    /// A trainer on the data named on the command line; embedded sets are there without being named.
    ///
    /// Throws `WorkerError.usage` for a data set that nobody knows. Files are read by `load`.
    public init(data: WorkerData) throws(WorkerError) {
        for name in data.locations.keys where !DatasetRegistry.names.contains(name) {
            throw WorkerError(.usage, "--data: \(NearestName.unknown("data set", name, among: DatasetRegistry.names))")
        }
        self.data = data
    }

    public var datasets: [String] {
        Array(Set(data.locations.keys).union(DatasetRegistry.embedded)).sorted()
    }

    /// Reads the files named on the command line, so that a wrong path shows at once and not in the first round.
    ///
    /// Throws `WorkerError.usage` with the sentence of the reader.
    public func load() throws(WorkerError) {
        for (name, path) in data.locations {
            do {
                let train = try DatasetRegistry.load(DatasetSource(name: name, path: path)).train
                state.withLock { $0.split = (name, train) }
            } catch {
                throw WorkerError(.usage, error.message)
            }
        }
    }

    public func train(
        _ assignment: WorkerAssignment, in run: RunDescription, model: ParameterVector,
        progress: @escaping @Sendable (Double) -> Void, shouldStop: @escaping @Sendable () -> Bool
    ) throws -> TrainingOutcome {
        try state.withLock { state in
            do {
                let examples = try Self.shard(of: run, data, &state)
                let network = try Self.network(for: run, examples, batch: assignment.training.batchSize, &state)
                let outcome = try LocalTraining.train(
                    network: network, base: model.values, data: examples, spec: assignment.training,
                    rateScale: assignment.training.schedule.scale(assignment.round.rawValue - 1, of: run.rounds),
                    generator: SeededGenerator(key: assignment.seed).stream("training"), progress: progress,
                    shouldStop: shouldStop)
                let trained = try ParameterVector(layout: model.layout, values: network.parameters())
                return TrainingOutcome(
                    change: trained.difference(from: model), exampleCount: outcome.exampleCount,
                    metrics: outcome.metrics)
            } catch let error as TrainingError {
                throw WorkerError(.cannotTakeAssignment, error.message)
            }
        }
    }

    private static func shard(
        of run: RunDescription, _ data: WorkerData, _ state: inout State
    ) throws -> Dataset {
        if let (known, examples) = state.shard, known == run { return examples }
        let train: Dataset
        if let (dataset, known) = state.split, dataset == run.dataset {
            train = known
        } else {
            let source = DatasetSource(name: run.dataset, path: data.locations[run.dataset] ?? nil)
            train = try DatasetRegistry.load(source).train
            state.split = (run.dataset, train)
        }
        var examples = train
        if let shard = data.shard {
            let parts = try Partitioner.partition(
                labels: train.labels, classes: train.classes, spec: run.partition, parts: shard.count, seed: run.seed)
            examples = train.subset(parts[shard.index - 1])
        }
        state.shard = (run, examples)
        return examples
    }

    private static func network(
        for run: RunDescription, _ data: Dataset, batch: Int, _ state: inout State
    ) throws -> Network {
        let batch = min(batch, max(1, data.count))
        if let (model, known, network) = state.network, model == run.model, known >= batch { return network }
        let network = try ModelZoo.makeNetwork(
            run.model, input: data.input, classes: data.classes, maximumBatch: batch)
        guard network.layout == run.layout else {
            throw WorkerError(
                .cannotTakeAssignment,
                "this worker's \(run.model.architecture) has \(network.layout.count) parameters in another layout than "
                    + "the run's \(run.layout.count): its data or its version of the program differs")
        }
        state.network = (run.model, batch, network)
        return network
    }
}
