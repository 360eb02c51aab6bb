// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import FedTraining
internal import Synchronization

/// Trains with the built-in engine on data of this machine.
///
/// Examples and network are kept from one assignment to the next; of a data set of which this worker holds a part, only the
/// part.
public final class EngineTrainer: LocalTrainer {
    /// What decides which examples this worker trains on.
    private struct Cut: Hashable {
        var source: DatasetSource
        var partition: PartitionSpec
        var seed: UInt64
        var fraction: Double
    }

    private struct State {
        /// What was read from files and has not been cut yet.
        var whole: (source: DatasetSource, train: Dataset)?
        /// What this worker trains on.
        var own: (cut: Cut, examples: Dataset)?
        var networks: (model: ModelSpec, shape: ExampleShape, batch: Int, networks: TrainingNetworks)?
        /// What is done to examples in a simulated attack.
        var sabotage: Sabotage?
    }

    private let data: WorkerData
    private let threads: Int
    private let sabotage: Sabotage?
    private let keepPersonal: (@Sendable (PersonalModel) -> Void)?
    private let state: Mutex<State>

    /// A trainer on the data named on the command line; embedded sets are there without being named.
    ///
    /// Trains on up to `threads` threads (1 to 1024), which what comes out does not depend on. Throws `WorkerError.usage` for
    /// a data set that nobody knows, and for an impossible number of threads. Files are read by `load`. With `sabotage` it
    /// attacks, in a simulation. `keepPersonal` gets the worker's own model after each training of a run that has such models.
    public init(
        data: WorkerData, threads: Int = 1, sabotage: Sabotage? = nil,
        keepPersonal: (@Sendable (PersonalModel) -> Void)? = nil
    ) throws(WorkerError) {
        guard (1...1024).contains(threads) else {
            throw WorkerError(.usage, "--threads takes 1 to 1024, not \(threads)")
        }
        for name in data.locations.keys where !DatasetRegistry.names.contains(name) {
            throw WorkerError(.usage, "--data: \(NearestName.unknown("data set", name, among: DatasetRegistry.names))")
        }
        self.data = data
        self.threads = threads
        self.sabotage = sabotage
        self.keepPersonal = keepPersonal
        state = Mutex(State(sabotage: sabotage))
    }

    public var datasets: [String] {
        Array(Set(data.locations.keys).union(DatasetRegistry.embedded)).sorted()
    }

    /// Reads the files named on the command line, so that a wrong path shows at once and not in the first round.
    ///
    /// A table whose label column only the run knows is read by `prepare`. Throws `WorkerError.usage` with the sentence of
    /// the reader.
    public func load() throws(WorkerError) {
        for name in data.locations.keys.sorted() {
            let source = data.source(of: name, defaultLabel: nil)
            if DatasetRegistry.tabular.contains(name), source.label == nil, source.schema == nil { continue }
            do {
                let train = try DatasetRegistry.load(source).train
                state.withLock { $0.whole = (source, train) }
            } catch {
                throw WorkerError(.usage, error.message)
            }
        }
    }

    public func prepare(for run: RunDescription) throws {
        try state.withLock { state in
            let examples: Dataset
            do throws(TrainingError) {
                examples = try Self.examples(of: run, data, &state)
            } catch {
                throw WorkerError(.usage, error.message)
            }
            do throws(TrainingError) {
                _ = try Self.parts(of: run, for: examples)
            } catch {
                throw WorkerError(.unfitData, error.message)
            }
        }
    }

    public func train(
        _ assignment: WorkerAssignment, in run: RunDescription, model: ParameterVector,
        optimizerState: OptimizerState?, own: [Float], adversarialStatistics: [Float]?,
        progress: @escaping @Sendable (Double) -> Void,
        shouldStop: @escaping @Sendable () -> Bool
    ) throws -> TrainingOutcome {
        try state.withLock { state in
            let examples: Dataset
            do throws(TrainingError) {
                examples = try Self.examples(of: run, data, &state)
            } catch {
                // The reader's sentence may quote the data, and the coordinator reads this one.
                throw WorkerError(
                    .cannotTakeAssignment, "its data cannot be used for this run any more: start the worker again")
            }
            do {
                let parts = try Self.parts(of: run, for: examples)
                let networks = try Self.networks(
                    for: run, examples, batch: assignment.training.batchSize, threads: threads, &state)
                var own = own
                if own.isEmpty {
                    own = try ModelZoo.initialOwn(
                        parts, of: run.model, input: examples.input, classes: examples.classes)
                }
                if let adversarialStatistics { try Self.replace(adversarialStatistics, in: &own, of: parts) }
                var values = [Float](repeating: 0, count: model.values.count)
                let outcome = try LocalTraining.train(
                    assignment.scope, of: parts, networks: networks, base: model.values, own: &own, change: &values,
                    data: examples, spec: assignment.training,
                    rateScale: assignment.training.schedule.scale(assignment.round.rawValue - 1, of: run.rounds),
                    optimizerState: optimizerState, generator: SeededGenerator(key: assignment.seed).stream("training"),
                    progress: progress,
                    shouldStop: shouldStop)
                if let keepPersonal, !parts.isWhole {
                    let trained = zip(model.values, values).map { $0 + $1 }
                    keepPersonal(
                        try Self.personal(assignment, in: run, examples, values: parts.joined(trained, own: own)))
                }
                var change = try ParameterVector(layout: model.layout, values: values)
                change.withMutableValues {
                    sabotage?.distort($0, generator: SeededGenerator(key: assignment.seed))
                }
                return TrainingOutcome(
                    change: change, exampleCount: outcome.exampleCount,
                    metrics: outcome.metrics, optimizerState: outcome.optimizerState, own: own)
            } catch let error as TrainingError {
                throw WorkerError(.cannotTakeAssignment, error.message)
            }
        }
    }

    /// Replaces the statistics over attacked inputs among a worker's own values.
    private static func replace(
        _ statistics: [Float], in own: inout [Float], of parts: ModelParts
    ) throws(TrainingError) {
        let adversarial = ModelParts(parts.own, keeping: [.adversarialStatistics])
        guard adversarial.own.count == statistics.count, statistics.allSatisfy(\.isFinite) else {
            throw TrainingError(
                .shapeMismatch,
                "the coordinator sent \(statistics.count) statistics over attacked inputs, and the model has "
                    + "\(adversarial.own.count): use the same version of the program as the coordinator")
        }
        own = adversarial.joined(adversarial.travelling(of: own), own: statistics)
    }

    /// This worker's own model after an assignment, of all values of the network: what it has trained of it. Of other base networks,
    /// and beyond a width, it was not sent anything with this assignment.
    private static func personal(
        _ assignment: WorkerAssignment, in run: RunDescription, _ examples: Dataset, values: [Float]
    ) throws -> PersonalModel {
        var card = ModelCard(
            model: run.model, examples: examples.exampleShape, dataset: run.dataset, classNames: examples.classNames,
            robustness: run.sharesStatistics ? 1 : 0)
        card.domain = examples.domain(under: run.partition)
        let (input, classes) = (examples.input, examples.classes)
        var values = values
        switch assignment.scope {
        case .wholeModel: break
        case .bases(let chosen):
            let size = values.count / run.model.bases
            card.bases = chosen
            card.model.bases = chosen.count
            values = chosen.flatMap { values[$0 * size..<($0 + 1) * size] }
        case .nested(let width):
            card.model.width = width
            card.model.levels = run.model.levels.filter { $0 <= width }
            values = try ModelZoo.slice(of: width, in: run.model, input: input, classes: classes).gathered(from: values)
        }
        let layout = try ModelZoo.layout(card.model, input: input, classes: classes)
        return PersonalModel(
            run: run.run, round: assignment.round, card: card,
            parameters: try ParameterVector(layout: layout, values: values))
    }

    /// This worker's examples of a run; once they are cut out of the data set, the rest of it is let go.
    private static func examples(
        of run: RunDescription, _ data: WorkerData, _ state: inout State
    ) throws(TrainingError) -> Dataset {
        let source = data.source(of: run.dataset, defaultLabel: run.label)
        let cut = Cut(source: source, partition: run.partition, seed: run.seed, fraction: run.fraction)
        if let (known, examples) = state.own, known == cut { return examples }
        state.own = nil
        state.networks = nil
        let whole: Dataset
        if let (known, train) = state.whole, known == source {
            whole = train
        } else {
            whole = try DatasetRegistry.load(source).train
        }
        var indices = Array(0..<whole.count)
        if let shard = data.shard {
            indices = try Partitioner.partition(
                whole, spec: run.partition, parts: shard.count, seed: run.seed)[shard.index - 1]
        }
        indices = Partitioner.sample(indices, fraction: run.fraction, number: data.shard?.index ?? 0, seed: run.seed)
        let cutOut = indices.count == whole.count ? whole : whole.subset(indices)
        let examples = try state.sabotage?.distorted(cutOut) ?? cutOut
        state.whole = nil
        state.own = (cut, examples)
        return examples
    }

    /// What travels of the run's model and what does not.
    ///
    /// Throws `TrainingError.shapeMismatch` or `.invalidModel` unless the model is what this program would build for these
    /// examples.
    private static func parts(of run: RunDescription, for examples: Dataset) throws(TrainingError) -> ModelParts {
        if let expected = run.examples { try examples.checkFits(expected) }
        let layout = try ModelZoo.layout(run.model, for: examples)
        let levels = try ModelZoo.levels(of: run.model, input: examples.input, classes: examples.classes)
        let parts = ModelParts(layout, keeping: Set(run.own?.parameters.map(\.role) ?? []))
        guard parts.travelling == run.layout, parts.isWhole || parts.own == run.own, levels == run.levels else {
            throw TrainingError(
                .shapeMismatch,
                "this worker's \(run.model.architecture) for \(examples.exampleShape) has \(layout.count) parameters in "
                    + "another layout than the run's \(run.layout.count): use the data that the run is about, and the "
                    + "same version of the program as the coordinator")
        }
        return parts
    }

    private static func networks(
        for run: RunDescription, _ examples: Dataset, batch: Int, threads: Int, _ state: inout State
    ) throws(TrainingError) -> TrainingNetworks {
        let batch = min(batch, max(1, examples.count))
        let shape = examples.exampleShape
        if let (model, known, capacity, networks) = state.networks, model == run.model, known == shape,
            capacity >= batch
        {
            return networks
        }
        let networks = TrainingNetworks(
            run.model, input: examples.input, classes: examples.classes, maximumBatch: batch, threads: threads)
        state.networks = (run.model, shape, batch, networks)
        return networks
    }
}
