// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCoordinator
internal import FedCore
internal import FedStore
internal import FedStrategies
internal import Synchronization

/// One round of a simulation in one process: threads take its assignments one by one and add what came of them.
///
/// Which thread takes which assignment is left to chance and does not matter: an assignment's result depends on itself only,
/// and the sum is exact.
final class SimulatedRound: Sendable {
    /// What became of an assignment.
    enum Result: Sendable {
        /// The change is in the sum.
        case accepted(AcceptedUpdate)
        /// The change cannot be used, for the given reason.
        case refused(String)
        /// The worker could not train or encode, for the given reason.
        case declined(String)
    }

    /// A change that waits until all workers of the round have trained.
    struct Trained: Sendable {
        var change: ParameterVector
        var optimizerState: OptimizerState?
        /// The worker's parameters that do not travel.
        var own: [Float]
        var update: AcceptedUpdate
    }

    private struct State {
        var trained: [Int: Trained] = [:]
        /// The scales that all workers share, once they are known.
        var scales: [Float]?
        var aggregation: any Aggregation
        var results: [Result?]
        /// The Euclidean norms of accepted changes, where the limits ask for them.
        var norms: [WorkerID: Double] = [:]
        var failure: (any Error)?
    }

    /// The assignments.
    let plan: RoundPlan
    /// The model as it arrives at the workers.
    let base: ParameterVector
    /// What the learning rate is multiplied by in this round, in [0, 1].
    let rateScale: Float
    /// How changes travel, and what workers keep of them.
    let uplinkSpec: CodecSpec
    /// The codec of `uplinkSpec`.
    let uplink: any GradientCodec
    /// What of the model workers train by itself.
    let parts: TrainedParts
    private let limits: RunConfig.LimitsSection
    private let weighting: StalenessWeighting
    /// Where changes are kept that an aggregator reads back.
    private let spool: UpdateSpool?
    private let taken = Atomic(0)
    private let state: Mutex<State>

    /// A round in which nothing has been done; an update beyond `limits` is refused.
    ///
    /// `spool` is there where updates are read back.
    init(
        plan: RoundPlan, base: ParameterVector, rateScale: Float, uplinkSpec: CodecSpec, uplink: any GradientCodec,
        parts: TrainedParts, limits: RunConfig.LimitsSection,
        weighting: StalenessWeighting, aggregation: any Aggregation, spool: UpdateSpool?
    ) {
        self.plan = plan
        self.base = base
        self.rateScale = rateScale
        self.uplinkSpec = uplinkSpec
        self.uplink = uplink
        self.parts = parts
        self.limits = limits
        self.weighting = weighting
        self.spool = spool
        state = Mutex(State(aggregation: aggregation, results: Array(repeating: nil, count: plan.assignments.count)))
    }

    /// The index of an assignment that nobody has taken, or nil when there is none.
    func take() -> Int? {
        let index = taken.add(1, ordering: .relaxed).oldValue
        return index < plan.assignments.count ? index : nil
    }

    /// Adds the change that assignment `index` led to, or refuses it as a coordinator would.
    func add(_ change: [Float], of index: Int, update: AcceptedUpdate) {
        let fate = add(update, of: index) { (aggregation, weight) throws in
            var norm = UpdateNorm(limits)
            change.withUnsafeBufferPointer { norm?.add(.dense($0, at: 0)) }
            if let refusal = norm?.refusal { throw refusal }
            try aggregation.add(change, weight: weight)
            return norm?.value
        }
        if fate == .used { keepRow(index) { change } }
    }

    /// The same for a change that travels as `payload`; what became of it.
    func add(
        payload: [UInt8], of index: Int, update: AcceptedUpdate, codec: any GradientCodec
    ) -> UpdateFate {
        let fate = add(update, of: index) { (aggregation, weight) throws in
            let folding = FoldingUpdate(
                codec: codec, layout: base.layout, byteCount: payload.count, weight: weight, norm: UpdateNorm(limits))
            folding.push(payload, into: &aggregation)
            folding.finish()
            if let refusal = folding.failure {
                folding.takeBack(from: &aggregation)
                throw CodecError(.wrongFormat, refusal.message)
            }
            try aggregation.count(weight: weight, in: plan.assignments[index].scope)
            return folding.norm
        }
        if fate == .used { keepRow(index) { try codec.decode(payload, layout: base.layout).values } }
        return fate
    }

    /// Keeps a change that is used, where it is to be read back.
    private func keepRow(_ index: Int, _ change: () throws -> [Float]) {
        guard let spool else { return }
        do { try spool.write(change(), row: index) } catch { fail(error) }
    }

    /// The change that the aggregator makes of what it reads back; nil where it adds up.
    func readBack(_ aggregator: any Aggregator, _ results: [Result]) throws -> [Float]? {
        guard let aggregator = aggregator as? any BlockAggregator, let spool else { return nil }
        let rows = results.enumerated().compactMap { index, result -> (row: Int, weight: Int64)? in
            guard case .accepted(let update) = result else { return nil }
            return (index, weighting.weight(examples: update.exampleCount))
        }
        return try aggregator.aggregate(spool.blocks(of: rows))
    }

    private func add(
        _ update: AcceptedUpdate, of index: Int, _ body: (inout any Aggregation, _ weight: Int64) throws -> Double?
    ) -> UpdateFate {
        state.withLock { state in
            guard update.exampleCount <= limits.examplesPerWorker else {
                state.results[index] = .refused(
                    "the example count \(update.exampleCount) is not in 1...\(limits.examplesPerWorker)")
                return .unused
            }
            do {
                let norm = try body(&state.aggregation, weighting.weight(examples: update.exampleCount))
                state.norms[update.worker] = norm
                state.results[index] = .accepted(update)
                return .used
            } catch {
                state.results[index] = .refused("\(error)")
                return .unusable
            }
        }
    }

    /// Whether workers share scales.
    var sharesScales: Bool { uplinkSpec.scales == .shared }

    /// The scales that all workers share, once they are known.
    var scales: [Float]? { state.withLock { $0.scales } }

    /// Keeps a change until the scales are known: 4 bytes for each parameter and worker.
    func keep(_ trained: Trained, of index: Int) { state.withLock { $0.trained[index] = trained } }

    /// The change that was kept of assignment `index`, which is then forgotten.
    func takeTrained(_ index: Int) -> Trained? { state.withLock { $0.trained.removeValue(forKey: index) } }

    /// The largest scale of each tensor over all workers, as the coordinator's `ScaleExchange` has it; then the assignments
    /// can be taken once more; a worker whose scales are of no use is out. False where there is nothing to share.
    func agreeOnScales() -> Bool {
        guard sharesScales, let codec = uplink as? TernaryCodec else { return false }
        return state.withLock { state in
            guard state.failure == nil else { return false }
            var exchange = ScaleExchange(count: codec.sections(base.layout).coded.count)
            for (index, trained) in state.trained {
                do {
                    try exchange.report(codec.scales(of: trained.change), by: trained.update.worker)
                } catch {
                    state.trained[index] = nil
                    state.results[index] =
                        if let refusal = error as? UpdateRefusal {
                            .refused(refusal.message)
                        } else {
                            .declined("\(error)")
                        }
                }
            }
            guard exchange.settle(awaited: [], enough: 1) else { return false }
            state.scales = exchange.agreed
            taken.store(0, ordering: .relaxed)
            return true
        }
    }

    /// Assignment `index` led to no change.
    func decline(_ index: Int, _ reason: String) {
        state.withLock { $0.results[index] = .declined(reason) }
    }

    /// Ends the simulation: no assignment is taken any more.
    func fail(_ error: any Error) {
        state.withLock { $0.failure = $0.failure ?? error }
        taken.store(plan.assignments.count, ordering: .relaxed)
    }

    /// How many assignments have been dealt with.
    var finishedCount: Int { state.withLock { state in state.results.count { $0 != nil } } }

    /// What became of each assignment, in the plan's order, and the aggregation; throws what `fail` was given.
    func outcome() throws -> (results: [Result], aggregation: any Aggregation) {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            try leaveOutOutliers(&state)
            return (state.results.compactMap { $0 }, state.aggregation)
        }
    }

    /// Takes changes out of the sum that are too long beside the others, as the coordinator does; they are not in their
    /// workers' residuals again, either.
    private func leaveOutOutliers(_ state: inout State) throws {
        guard let factor = limits.relativeNorm, let spool else { return }
        for (worker, refusal) in UpdateNorm.outliers(among: state.norms, factor: factor) {
            guard let index = plan.assignments.firstIndex(where: { $0.worker == worker }),
                case .accepted(let update) = state.results[index]
            else { continue }
            let weight = weighting.weight(examples: update.exampleCount)
            let change = try spool.read(row: index)
            try change.withUnsafeBufferPointer { try state.aggregation.add(.dense($0, at: 0), weight: -weight) }
            state.aggregation.discount(weight: weight)
            state.results[index] = .refused(refusal.message)
        }
    }
}
