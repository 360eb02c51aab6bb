// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedWire

/// One message of each kind.
enum MessageSamples {
    static func header(stream: UInt32 = 1, byteCount: Int = 12, offset: Int = 0) throws -> TransferHeader {
        try TransferHeader(stream: stream, byteCount: byteCount, sha256: (0..<32).map { $0 }, offset: offset)
    }

    /// One training for each kind of setting.
    static let trainings: [LocalTrainingSpec] = [
        LocalTrainingSpec(
            epochs: 2, steps: 0, batchSize: 16,
            optimizer: OptimizerSpec(learningRate: 0.1, momentum: 0.9, weightDecay: 0.001),
            objective: [.crossEntropy(), .proximal(mu: 0.01)]),
        LocalTrainingSpec(
            optimizer: OptimizerSpec(
                learningRate: 0.1, momentum: 0.5, nesterov: true, decoupled: true, state: .kept),
            schedule: ScheduleSpec(.cosine(minimum: 0.125), warmup: 3), clipNorm: 5,
            objective: [.crossEntropy(labelSmoothing: 0.25)]),
        LocalTrainingSpec(
            optimizer: OptimizerSpec(
                name: .adamw, learningRate: 0.1, weightDecay: 0.5, beta1: 0.25, beta2: 0.75, epsilon: 1e-5),
            schedule: ScheduleSpec(.multiStep(milestones: [10, 20], factor: 0.5)),
            smoothOut: SmoothOutSpec(range: 0.006), augmentation: AugmentationSpec(cropPadding: 4),
            objective: [.crossEntropy(masked: true)]),
        LocalTrainingSpec(
            optimizer: OptimizerSpec(name: .qhm, learningRate: 0.1, momentum: 0.75, nu: 0.25),
            schedule: ScheduleSpec(.polynomial(power: 0.5, end: 0.25), warmup: 1),
            smoothOut: SmoothOutSpec(range: 0.5, scaling: .magnitude),
            augmentation: AugmentationSpec(horizontalFlip: true),
            objective: [.crossEntropy(), .adversarial(AdversarialTerm(attack: .pgd(epsilon: 8 / 255, steps: 7)))]),
        LocalTrainingSpec(
            optimizer: OptimizerSpec(name: .adagrad, learningRate: 0.1, epsilon: 1e-10),
            objective: [
                .crossEntropy(),
                .adversarial(
                    AdversarialTerm(
                        attack: AttackSpec(
                            norm: .l2, epsilon: 2, steps: 0, stepSize: 0.25, randomStart: false, restarts: 1),
                        weight: 1, strengths: [0.5, 1], combination: .parallel)),
            ]),
        LocalTrainingSpec(
            optimizer: OptimizerSpec(name: .rmsprop, learningRate: 0.1, momentum: 0.25, rho: 0.5),
            objective: [.crossEntropy(), .calibration(weight: 0.25)]),
        LocalTrainingSpec(optimizer: OptimizerSpec(learningRate: 0.1), statisticsPasses: 20),
    ]

    static func assignment(
        learningRate: Float = 0.1, deadlineSeconds: Double = 60, training: LocalTrainingSpec = trainings[0],
        modelState: [String] = [], scope: UpdateScope = .wholeModel
    ) throws -> Assignment {
        var training = training
        training.optimizer.learningRate = learningRate
        return Assignment(
            assignment: WorkerAssignment(
                worker: try WorkerID("worker-1"), run: try RunID("run"), round: RoundID(3),
                baseVersion: ModelVersion(2), training: training, scope: scope,
                codec: CodecID("ternary"), seed: .max, deadlineSeconds: deadlineSeconds),
            model: try header(stream: 2), modelCodec: CodecID("dense-float32"), modelState: modelState)
    }

    static func stepsAssignment(byteCounts: [Int] = [5, 7]) throws -> Assignment {
        var message = try assignment()
        message.model = try header(stream: 2, byteCount: byteCounts.reduce(0, +))
        message.modelCodec = CodecID("stc")
        message.steps = Assignment.Steps(from: ModelVersion(2 - byteCounts.count), byteCounts: byteCounts)
        message.modelSHA256 = [UInt8](repeating: 9, count: 32)
        return message
    }

    static func offer(
        round: Int = 3, exampleCount: Int = 100, loss: Double = 1.5, codec: String = "ternary",
        heldVersion: ModelVersion? = nil, offset: Int = 0, scope: UpdateScope = .wholeModel,
        budget: WidthRatio? = nil, statistics: WorkerStatistics? = nil, trainsAdversarially: Bool? = nil
    ) throws -> UpdateOffer {
        UpdateOffer(
            worker: try WorkerID("worker-1"), run: try RunID("run"), round: RoundID(round),
            baseVersion: ModelVersion(2), scope: scope,
            codec: CodecID(codec), exampleCount: exampleCount,
            metrics: TrainingMetrics(loss: loss, accuracy: 0.5, seconds: 2), payload: try header(offset: offset),
            heldVersion: heldVersion, budget: budget, statistics: statistics,
            trainsAdversarially: trainsAdversarially)
    }

    static func run(
        partition: PartitionSpec = .dirichlet(alpha: 0.5), fraction: Double = 1, label: String? = nil,
        examples: ExampleShape? = nil, hidden: [Int]? = [200, 100], width: WidthRatio = .full,
        normalization: Normalization = .batch, statistics: NormalizationStatistics = .averaged, dropout: Float = 0,
        bases: Int = 1, rounds: Int = 10,
        uplink: CodecSpec = CodecSpec(CodecID("ternary")),
        serverOptimizer: ServerOptimizerSpec = ServerOptimizerSpec(), serverSchedule: ScheduleSpec = ScheduleSpec(),
        keeping: Bool = false
    ) throws -> RunDescription {
        let roles = ParameterRole.allCases.enumerated()
        return RunDescription(
            run: try RunID("run"),
            model: ModelSpec(
                architecture: "mlp", hidden: hidden, width: width, normalization: normalization,
                statistics: statistics, dropout: dropout, bases: bases),
            layout: try ModelLayout(
                (0..<min(max(bases, 1), 8)).flatMap { base in
                    roles.map { ParameterSpec(name: "p\(base).\($0)", shape: [$0 + 1, 2], role: $1) }
                }),
            own: keeping
                ? try ModelLayout([ParameterSpec(name: "bn.running_mean", shape: [3], role: .cleanStatistics)]) : nil,
            dataset: "mnist", partition: partition, fraction: fraction, label: label, examples: examples,
            uplink: uplink, downlink: CodecSpec(CodecID("stc"), density: 0.25), serverOptimizer: serverOptimizer,
            serverSchedule: serverSchedule, seed: 1 << 63, rounds: rounds)
    }

    /// A run of which some workers train adversarially and share statistics.
    static func sharingRun() throws -> RunDescription {
        var run = try run(keeping: true)
        run.adversarialCost = 7
        run.sharesStatistics = true
        return run
    }

    static func assignment(statistics: [Float]) throws -> Assignment {
        var message = try assignment()
        message.adversarialStatistics = statistics
        return message
    }

    /// A run of a network that can be cut to a third and two thirds.
    static func nestedRun(channels: [Int] = [1, 2, 3], levels: [Int] = [1, 2, 3]) throws -> RunDescription {
        func layout(_ channels: Int) throws -> ModelLayout {
            try ModelLayout([
                ParameterSpec(name: "w", shape: [2 * channels, channels, 3], role: .weight),
                ParameterSpec(name: "b", shape: [4], role: .bias),
            ])
        }
        var run = try run(hidden: nil)
        run.layout = try layout(3)
        run.model.levels = try levels.map { try WidthRatio($0, 3) }
        run.levels = try zip(levels, channels).map {
            try NestedLevel(width: WidthRatio($0, 3), layout: layout($1), of: run.layout)
        }
        return run
    }

    static func all() throws -> [ControlMessage] {
        let run = try RunID("run")
        let round = RoundID(3)
        let worker = try WorkerID("worker-1")
        return [
            .hello(
                Hello(versions: ProtocolVersionRange(1...3), agent: "fedworker/1.0", datasets: ["mnist", "emnist"])),
            .welcome(Welcome(version: 1, worker: worker, heartbeatSeconds: 2.5, maximumTransferBytes: 1 << 30)),
            .heartbeat(Heartbeat()), .heartbeat(Heartbeat(progress: 0)), .heartbeat(Heartbeat(progress: 1)),
            .peerError(PeerError(code: .busy, message: "try later")),
            .peerError(PeerError(code: PeerError.Code(rawValue: 4711), message: "")),
            .run(try self.run()), .run(try self.run(partition: .iid, hidden: nil)),
            .run(try self.run(partition: .classesPerWorker(classes: 2), hidden: [])),
            .run(try self.run(width: WidthRatio(1, 8), normalization: .dualShared, dropout: 0.5)),
            .run(try self.run(width: WidthRatio(5, 7), normalization: .dualSeparate)),
            .run(try self.run(width: WidthRatio(1, 8), bases: 8)), .run(try self.run(keeping: true)),
            .run(try self.run(statistics: .postTraining)), .run(try self.run(statistics: .batch)),
            .run(try self.run(statistics: .local)),
            .run(try self.run(partition: .shards(shardsPerWorker: 2), fraction: 0.25, label: "outcome")),
            .run(try self.run(partition: .quantity(alpha: 0.001), fraction: .leastNonzeroMagnitude)),
            .run(
                try self.run(
                    partition: .groups(by: "writer"),
                    examples: ExampleShape(channels: 3, height: 28, width: 27, classes: 10))),
            .run(try self.run(partition: .domains(by: "domain"))),
            .run(
                try self.run(
                    uplink: CodecSpec(
                        CodecID("x"), density: 0.5, bits: 4, values: .float16, clip: 0, scales: .shared,
                        entropy: CodecSpec.Entropy.none, dense: [.firstLayer, .norm], denseBelow: 100,
                        errorFeedback: false, momentumMasking: true))),
            .run(
                try self.run(
                    serverOptimizer: ServerOptimizerSpec(learningRate: 0.5, momentum: 0.25, nesterov: true),
                    serverSchedule: ScheduleSpec(.polynomial(power: 0.5, end: 0), warmup: 2))),
            .run(try self.run(serverOptimizer: ServerOptimizerSpec(name: .adam, beta2: 0.5, weightDecay: 0.125))),
            .run(try self.run(serverOptimizer: ServerOptimizerSpec(name: .yogi, epsilon: 0.5))),
            .run(try self.run(serverOptimizer: ServerOptimizerSpec(name: .adagrad, beta1: 0.5))),
            .runEnded(RunEnded(run: run, outcome: .finished, message: "10 rounds")),
            .runEnded(RunEnded(run: run, outcome: .failed)), .runEnded(RunEnded(run: run, outcome: .stopped)),
            .assignment(try assignment()), .updateOffer(try offer()),
            .receipt(Receipt(run: run, round: round, verdict: .accepted)),
            .receipt(Receipt(run: run, round: round, verdict: .alreadyAccepted)),
            .receipt(Receipt(run: run, round: round, verdict: .refused(.late, "after the deadline"))),
            .decline(Decline(run: run, round: round, reason: "no such data set")),
            .decline(Decline(run: run, round: round, reason: "", heldVersion: ModelVersion(7))),
            .hello(
                Hello(
                    agent: "a", datasets: [], takesSteps: true, sharesScales: true,
                    held: HeldVersion(run: run, version: ModelVersion(0)))),
            .updateOffer(try offer(heldVersion: ModelVersion(2))), .assignment(try stepsAssignment()),
            .assignment(try stepsAssignment(byteCounts: [])),
            .assignment(try assignment(modelState: ["optimizer.mean", "optimizer.square"])),
            .scaleReport(ScaleReport(run: run, round: round, scales: [0, 1.5, -1])),
            .sharedScales(SharedScales(run: run, round: round, scales: [0, 0.25, .greatestFiniteMagnitude])),
            .hello(
                Hello(agent: "a", datasets: [], download: try PartialTransfer(sha256: header().sha256, byteCount: 0))),
            .welcome(
                Welcome(
                    version: 1, worker: worker, heartbeatSeconds: 1, maximumTransferBytes: 1,
                    upload: try PartialTransfer(sha256: header().sha256, byteCount: FrameLimits.transferBytes))),
            .updateOffer(try offer(offset: 5)), .updateOffer(try offer(offset: 12)),
            .updateOffer(try offer(scope: .bases([0, 3]), budget: WidthRatio(1, 4))),
            .updateOffer(try offer(scope: .nested(WidthRatio(1, 4)))), .updateOffer(try offer(scope: .nested(.full))),
            .assignment(try assignment(scope: .nested(WidthRatio(1, 4)))), .run(try nestedRun()),
            .hello(Hello(agent: "a", datasets: [], budget: try WidthRatio(3, 8))),
            .hello(Hello(agent: "a", datasets: [], measuresBudget: true)),
            .hello(Hello(agent: "a", datasets: [], trainsAdversarially: true)),
            .hello(Hello(agent: "a", datasets: [], measuresAdversarialTraining: true, sharesStatistics: true)),
            .run(try sharingRun()), .assignment(try assignment(statistics: [0.5, -.infinity])),
            .assignment(try assignment(statistics: [])),
            .updateOffer(try offer(statistics: WorkerStatistics(clean: [1, -2]), trainsAdversarially: true)),
            .updateOffer(
                try offer(
                    statistics: WorkerStatistics(clean: [], adversarial: [.greatestFiniteMagnitude]),
                    trainsAdversarially: false)),
            .cancel(Cancel(run: run, round: round, reason: "the round is complete")),
            .enrolRequest(
                EnrolRequest(secret: [UInt8](repeating: 7, count: 32), certificateSigningRequest: [1, 2, 3])),
            .enrolResponse(EnrolResponse(certificate: [1], authority: [2, 3], worker: worker)),
        ] + ModelRequest.Reason.allCases.map { .modelRequest(ModelRequest(run: run, round: round, reason: $0)) }
            + (try trainings.dropFirst().map { .assignment(try assignment(training: $0)) })
    }
}
