internal import FedCore
internal import FedStore
internal import FedStrategies
internal import FedTransport

/// All that the coordinator holds of the round that is under way.
///
/// A reference, so that the sum, which is as large as the model, is never copied.
final class OpenRound {
    /// What decides.
    var engine: RoundEngine
    /// What adds up.
    var aggregation: any Aggregation
    /// The encoded model, shared by all workers.
    let model: OutgoingPayload
    /// Updates that are stored but not added yet; between two actions of the engine only.
    var decoded: [WorkerID: ParameterVector] = [:]
    /// The stored updates without their payloads, by worker.
    var accepted: [WorkerID: AcceptedUpdate]
    /// The finished share of each worker's training, in [0, 1].
    var progress: [WorkerID: Double] = [:]
    /// Payload bytes of the models that were sent.
    var downlinkBytes = 0
    /// How many models were sent.
    var modelsSent = 0
    /// Whether `finished` was resumed: what comes now comes too late.
    var isOver = false
    /// When the first assignment went out.
    let startedAt: Double
    /// Resumed with the outcome, once.
    let finished: CheckedContinuation<RoundEngine.Outcome, any Error>

    /// A round that has not begun; `aggregation` holds the updates of `stored`.
    init(
        engine: consuming RoundEngine, aggregation: any Aggregation, stored: [WorkerID: AcceptedUpdate],
        model: OutgoingPayload, startedAt: Double,
        finished: CheckedContinuation<RoundEngine.Outcome, any Error>
    ) {
        self.engine = engine
        self.aggregation = aggregation
        accepted = stored
        self.model = model
        self.startedAt = startedAt
        self.finished = finished
    }
}
