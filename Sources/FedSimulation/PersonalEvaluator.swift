// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCoordinator
internal import FedCore
internal import FedTraining

/// Measures what each worker of a simulation would use: the model with what the worker has for itself.
final class PersonalEvaluator {
    private let evaluation: RunConfig.EvaluationSection
    private let generator: SeededGenerator
    private let parts: ModelParts
    private let network: Network
    private let memories: ClientMemories
    /// The workers, their domains, and which of `data` each is measured on.
    private let workers: [(name: WorkerID, domain: String?, data: Int)]
    private let data: [Dataset]

    /// An evaluator of the workers' models on `test`, of which each worker gets the examples like its own.
    ///
    /// A batch is computed on up to `threads` threads, which what comes out does not depend on. Throws `TrainingError`
    /// where the network cannot be built.
    init(
        _ config: RunConfig, model: CentralModel, clients: SimulatedClients, test: Dataset, memories: ClientMemories,
        threads: Int
    ) throws(TrainingError) {
        evaluation = config.evaluation
        generator = SeededGenerator(key: config.seed).stream("evaluation")
        parts = model.parts
        self.memories = memories
        network = try ModelZoo.makeNetwork(
            config.network, input: test.input, classes: test.classes, maximumBatch: max(1, min(256, test.count)),
            threads: threads)
        var data: [Dataset] = []
        var places: [ModelCard.Domain?: Int] = [:]
        workers = clients.names.map { name in
            let domain = clients.examples(of: name).domain(under: config.data.partition)
            let place = places[domain] ?? data.count
            if place == data.count { data.append(domain.flatMap(test.examples(of:)) ?? test) }
            places[domain] = place
            return (name, domain?.value, place)
        }
        self.data = data
    }

    /// How good the workers' models are with `parameters` as what all share; nil before anybody has trained.
    func evaluate(
        _ parameters: ParameterVector, propagation: SimulatedPropagation? = nil
    ) throws -> RunReport.Personal? {
        var results: [(evaluation: Evaluation, domain: String?)] = []
        // One model for all is measured once on the same data.
        var known: [Int: Evaluation] = [:]
        for worker in workers {
            if let result = known[worker.data] {
                results.append((result, worker.domain))
                continue
            }
            guard let model = try model(of: worker.name, parameters, propagation: propagation) else { continue }
            try network.loadParameters(model)
            let result = try Evaluator.evaluate(
                network: network, data: data[worker.data], adversarialShare: evaluation.adversarialShare,
                attack: evaluation.attack, robustExamples: evaluation.robustExamples, generator: generator)
            results.append((result, worker.domain))
            if parts.isWhole { known[worker.data] = result }
        }
        return RunReport.Personal(of: results)
    }

    /// All values of the model that a worker has with `parameters` as what all share, and with what is propagated to it by then.
    ///
    /// Nil for one that was never chosen, which has nothing of its own, unless models are used by adversarial statistics alone,
    /// and it gets such.
    func model(
        of worker: WorkerID, _ parameters: ParameterVector, propagation: SimulatedPropagation?
    ) throws -> [Float]? {
        guard !parts.isWhole else { return parameters.values }
        var own = memories.memory(of: worker).own
        if !own.isEmpty || evaluation.adversarialShare == 1 { own = try propagation?.own(of: worker) ?? own }
        return own.isEmpty ? nil : parts.joined(parameters.values, own: own)
    }
}
