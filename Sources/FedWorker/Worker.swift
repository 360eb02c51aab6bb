// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
public import FedIdentity
public import FedTraining
internal import FedTransport
internal import FedWire
public import Foundation

/// Connects to a coordinator, trains what it is assigned, and gives every update back exactly once.
///
/// Training outlives connections: an update that is finished while the coordinator is away is kept on disk and offered
/// when it is back.
public actor Worker {
    /// What a worker is started with.
    public struct Configuration: Sendable {
        /// Key, certificate, and where the coordinator is.
        public var credentials: WorkerCredentials
        /// Where the worker keeps what must survive a restart.
        public var stateDirectory: URL
        /// Seconds to try to reach the coordinator for the first time; once welcomed, a worker keeps trying.
        public var patience: Double
        /// Whether to wait for the next run when one has ended.
        public var keepsRunning: Bool
        /// Program and version, for the coordinator's log.
        public var agent: String
        /// What is done to payloads in a simulated attack.
        public var sabotage: Sabotage?
        /// How much of a model of several base networks the worker trains.
        public var budget: TrainingBudget
        /// Whether the worker trains adversarially, in runs of which only some workers do.
        public var adversarial: AdversarialBudget
        /// The worker's consent to share statistics of its batch normalisation; nil without.
        public var sharing: StatisticsSharing?

        /// A configuration with every default visible.
        public init(
            credentials: WorkerCredentials, stateDirectory: URL, patience: Double = 60, keepsRunning: Bool = false,
            agent: String = "fedworker", sabotage: Sabotage? = nil, budget: TrainingBudget = .everything,
            adversarial: AdversarialBudget = .never, sharing: StatisticsSharing? = nil
        ) {
            self.budget = budget
            self.adversarial = adversarial
            self.sharing = sharing
            self.credentials = credentials
            self.stateDirectory = stateDirectory
            self.patience = patience
            self.keepsRunning = keepsRunning
            self.agent = agent
            self.sabotage = sabotage
        }
    }

    let configuration: Configuration
    let trainer: any LocalTrainer
    let observe: @Sendable (WorkerEvent) -> Void
    let progress = TrainingProgress()

    var outbox: AsyncStream<Outgoing>.Continuation?
    var training: (assignment: WorkerAssignment, stop: StopFlag)?
    var pending: PendingUpdate?
    /// Where the run of the last session keeps its files.
    var folder: RunFolder?
    /// Whether `pending` is being settled on disk.
    var isSettling = false
    /// Trainings that are done and wait until `pending` is settled, or until they are stopped.
    var waiting: [CheckedContinuation<Void, Never>] = []
    /// One thread at a time reads and writes memories.
    let memoryAccess = MemoryAccess()
    /// The trained change that waits for shared scales.
    var awaitedScales: AwaitedScales?
    /// The model that was last downloaded, where steps from it may follow.
    var copy = ModelCopy()
    /// What is held of the newest assignment's download.
    var download: DownloadInHand?
    /// The budget that was found out.
    var measuredBudget: WidthRatio?
    /// Whether it was found out that the worker can afford to train adversarially.
    var affordsAdversarialTraining = false
    /// What the coordinator holds of an update, as it said when it let this worker in; nil once that was made use of.
    var uploaded: PartialTransfer?
    /// The run that the trainer is ready for.
    var prepared: RunDescription?
    /// The newest assignment, as long as its model is still arriving.
    var newest: (run: RunID, round: RoundID)?
    /// When the coordinator last welcomed this worker; nil before the first time.
    var lastContact: ContinuousClock.Instant?
    /// The largest payload that the coordinator takes, as it said at the last contact.
    var maximumTransferBytes = Int.max

    /// What a session has to send.
    enum Outgoing: Sendable {
        case message(ControlMessage)
        case update(ClientUpdate)
    }

    /// A worker that has not connected yet.
    public init(
        _ configuration: Configuration, trainer: any LocalTrainer, observe: @escaping @Sendable (WorkerEvent) -> Void
    ) {
        self.configuration = configuration
        self.trainer = trainer
        self.observe = observe
    }

    /// Works until the run has ended, or for ever if `keepsRunning`.
    ///
    /// Throws `WorkerError.unreachable` when the coordinator cannot be reached in time or does not let this worker in,
    /// `.unfitData` or `.usage` when its data cannot be used for the run, `.runFailed` when the run failed, and `CancellationError`.
    public func run() async throws {
        let client = try makeClient()
        defer { stopTraining() }
        var backOff = BackOff(generator: SeededGenerator(key: .random(in: .min ... .max)))
        let start = ContinuousClock.now
        while true {
            let contactBefore = lastContact
            do {
                let ended = try await client.withConnection { try await self.converse(over: $0) }
                observe(.runEnded(ended.run, outcome: "\(ended.outcome)", message: ended.message))
                if !configuration.keepsRunning {
                    guard ended.outcome != .failed else { throw WorkerError(.runFailed, ended.message) }
                    return
                }
                backOff.reset()
                try await Task.sleep(for: .seconds(5))
            } catch let error as TransportError {
                try Task.checkCancellation()
                guard error.isPassing else { throw WorkerError(.unreachable, fatalSentence(error)) }
                if lastContact != contactBefore { backOff.reset() }
                guard lastContact != nil || ContinuousClock.now - start < .seconds(configuration.patience) else {
                    throw WorkerError(
                        .unreachable,
                        "cannot reach the coordinator at \(configuration.credentials.coordinator) for "
                            + "\(Int(configuration.patience)) s (\(error.message)): check that it runs and that no "
                            + "firewall is in between")
                }
                let delay = backOff.nextDelay()
                observe(.reconnecting(reason: error.message, seconds: delay))
                try await Task.sleep(for: .seconds(delay))
            }
        }
    }

    private func makeClient() throws -> TLSClient {
        let credentials = configuration.credentials
        return try TLSClient(
            .init(
                host: credentials.coordinator.host, port: credentials.coordinator.port,
                identity: TLSIdentity(
                    certificateChain: [Array(credentials.certificate.pem.utf8)],
                    privateKey: Array(credentials.key.pem.utf8)),
                trust: .authority(Array(credentials.authority.pem.utf8)),
                connection: ConnectionConfiguration(heartbeat: { [progress] in
                    Heartbeat(progress: progress.value)
                })))
    }

    private func fatalSentence(_ error: TransportError) -> String {
        guard let peerError = error.peerError else { return error.message }
        return "the coordinator closed the connection: \(peerError.message)"
    }
}
