// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import Foundation
import Testing

@Suite struct RunFileTests {
    static let vocabulary = RunConfig.Vocabulary(
        architectures: ["mlp", "lenet", "digits-cnn"], normalizedArchitectures: ["digits-cnn"],
        datasets: ["digits", "mnist", "csv"], embeddedDatasets: ["digits"], tabularDatasets: ["csv"])

    static let text = """
        name: mnist-ternary
        seed: 1
        model: { architecture: lenet }
        data:
          dataset: mnist
          path: /data/mnist
          partition: { scheme: dirichlet, alpha: 0.5 }
        training: { epochs: 1, batchSize: 32, optimizer: { name: sgd, learningRate: 0.05, momentum: 0.9 } }
        strategy: { name: fedavg }
        uplink: { codec: ternary }
        downlink: { codec: dense-float32 }
        rounds: 20
        cohort: { fraction: 1.0, quorum: 0.8, deadlineSeconds: 120 }
        """

    @Test func readsARunFile() throws {
        let config = try RunFile.parse(Self.text).validated(for: Self.vocabulary)
        #expect(config.name == "mnist-ternary")
        #expect(config.data.partition == .dirichlet(alpha: 0.5))
        #expect(config.training.optimizer.momentum == 0.9)
        #expect(config.uplink.codec == CodecID("ternary"))
        #expect(config.cohort.quorum == 0.8)
        #expect(config.rounds == 20)
    }

    @Test func whatIsWrittenIsReadBack() throws {
        var config = try RunFile.parse(Self.text)
        config.model.hidden = [3, 4]
        config.training.steps = 5
        config.training.objective = [.crossEntropy(), .proximal(mu: 0.5)]
        #expect(try RunFile.parse(RunFile.text(of: config)) == config)
        let partitions: [PartitionSpec] = [
            .classesPerWorker(classes: 2), .shards(shardsPerWorker: 3), .quantity(alpha: 0.25), .groups(by: "writer"),
            .domains(by: "domain"), .iid,
        ]
        for partition in partitions {
            config.data.partition = partition
            #expect(try RunFile.parse(RunFile.text(of: config)) == config)
        }
        config.data = .init(
            dataset: "csv", path: "/data/a.csv", label: "outcome", schema: "/data/schema.json", fraction: 0.3)
        #expect(try RunFile.parse(RunFile.text(of: config)) == config)
        config.model = ModelSpec(
            architecture: "digits-cnn", width: try WidthRatio(1, 8), normalization: .dualShared, dropout: 0.25)
        config.training.objective = [
            .crossEntropy(labelSmoothing: 0.1),
            .adversarial(
                AdversarialTerm(attack: .pgd(epsilon: 8 / 255, steps: 7), strengths: [4 / 255, 16 / 255])),
        ]
        config.training.schedule = ScheduleSpec(.polynomial(power: 0.9, end: 0.01), warmup: 3)
        config.training.clipNorm = 5
        config.training.smoothOut = SmoothOutSpec(range: 0.006, scaling: .magnitude)
        config.training.augmentation = AugmentationSpec(cropPadding: 4, horizontalFlip: true)
        config.evaluation = .init(
            every: 5, attack: AttackSpec(norm: .l2, epsilon: 0.5, stepSize: 0.1, restarts: 3), robustExamples: 100,
            adversarialShare: 0.5)
        for name in OptimizerSpec.Name.allCases {
            config.training.optimizer = OptimizerSpec(
                name: name, learningRate: 0.1, weightDecay: 5e-4, state: name == .sgd ? .fresh : .kept)
            #expect(try RunFile.parse(RunFile.text(of: config)) == config)
        }
        _ = try config.validated(for: Self.vocabulary)
    }

    @Test func evaluationMayAttackByAutoPGD() throws {
        let config = try RunFile.parse(
            Self.text, overrides: ["evaluation={attack: {method: apgd, epsilon: 8/255, restarts: 2}}"])
        var attack = AttackSpec.apgd(epsilon: 8 / 255)
        attack.restarts = 2
        #expect(config.evaluation.attack == attack)
        #expect(try RunFile.parse(RunFile.text(of: config)) == config)
        _ = try config.validated(for: Self.vocabulary)
        let error = #expect(throws: ConfigurationError(.invalid, "")) {
            try RunFile.parse(
                Self.text,
                overrides: ["training.objective=[{term: adversarial, attack: {method: apgd, epsilon: 8/255}}]"]
            ).validated(for: Self.vocabulary)
        }
        #expect(error?.message.contains("apgd is for evaluation") == true, "\(error?.message ?? "")")
    }

    /// A value of another type is answered with what is wanted there.
    @Test(arguments: [
        ("uplink={codec: ternary, dense: first-layer}", "uplink.dense: expected a list, as in [first-layer]"),
        ("seed=-1", "seed: expected a whole number from 0 on"),
        ("rounds=many", "rounds: expected a whole number, not many"),
        ("cohort=4", "cohort: expected a section"), ("model.hidden=4", "model.hidden: expected a list"),
        ("uplink={codec: sbc, density: much}", "uplink.density: expected a number, not much"),
        ("model.hidden=[3, x]", "expected a whole number, not x"),
    ]) func anotherTypeIsNamed(override: String, message: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try RunFile.parse(Self.text, overrides: [override]) }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func numbersAreWrittenInAsFewDigitsAsReadBack() throws {
        var config = try RunFile.parse(Self.text)
        config.training.optimizer.learningRate = 0.1
        config.training.optimizer.weightDecay = 1e-7
        config.training.steps = 10
        config.uplink = CodecSpec(CodecID("sbc"), density: 0.001)
        config.cohort.fraction = 1
        config.cohort.quorum = 1 / 3
        let text = try RunFile.text(of: config)
        #expect(text.contains("learningRate: 0.1\n"), "\(text)")
        #expect(text.contains("density: 0.001\n") && text.contains("weightDecay: 1e-07\n"), "\(text)")
        #expect(text.contains("fraction: 1\n") && text.contains("steps: 10\n"), "\(text)")
        #expect(!text.contains("epochs"), "\(text)")
    }

    @Test func passesAreKeptBesideSteps() throws {
        var config = try RunFile.parse(Self.text)
        config.training.epochs = 3
        config.training.steps = 10
        #expect(try RunFile.parse(RunFile.text(of: config)) == config)
    }

    @Test func cohortsAreReadBack() throws {
        var config = try RunFile.parse(Self.text)
        #expect(config.cohort.deadlineSeconds == 120 && config.cohort.allowedStaleness == 0)
        config.cohort = .init(fraction: 0.5, overSelection: 1.25)
        #expect(config.cohort.deadlineSeconds == .auto)
        #expect(try RunFile.parse(RunFile.text(of: config)) == config)
        _ = try config.validated(for: Self.vocabulary)
        config.cohort = .init(deadlineSeconds: 0.5, late: .fold, staleness: 3)
        #expect(config.cohort.allowedStaleness == 3)
        #expect(try RunFile.parse(RunFile.text(of: config)) == config)
        _ = try config.validated(for: Self.vocabulary)
        #expect(try RunFile.parse(Self.text, overrides: ["cohort={late: fold}"]).cohort.allowedStaleness == 1)
    }

    @Test(arguments: [
        "uplink={codec: ternary, scales: shared}", "strategy={weighting: uniform, aggregator: {name: median}}",
    ]) func lateUpdatesAreFoldedIntoMeansOfLocalScalesOnly(override: String) throws {
        let error = #expect(throws: ConfigurationError(.invalid, "")) {
            try RunFile.parse(Self.text, overrides: ["cohort.late=fold", "strategy.weighting=uniform", override])
                .validated(for: Self.vocabulary)
        }
        #expect(error?.message.contains("cohort.late:") == true, "\(error?.message ?? "")")
    }

    @Test func overridesReachNestedKeysAndNewOnes() throws {
        let config = try RunFile.parse(
            Self.text, overrides: ["training.epochs=3", "seed=9", "limits.examplesPerWorker=50", "model.hidden=[8, 4]"])
        #expect(config.training.epochs == 3)
        #expect(config.seed == 9)
        #expect(config.limits.examplesPerWorker == 50)
        #expect(config.model.hidden == [8, 4])
        #expect(throws: ConfigurationError(.malformed, "")) { try RunFile.parse(Self.text, overrides: ["rounds"]) }
    }

    @Test func readsTheWholeVocabularyOfTraining() throws {
        let config = try RunFile.parse(
            """
            name: robust
            model: { architecture: digits-cnn, width: 2/16, normalization: dual-separate, dropout: 0.5 }
            data: { dataset: digits }
            training:
              optimizer: { name: sgd, learningRate: 0.1, momentum: 0.9, nesterov: true, decoupled: true }
              schedule: { name: multi-step, milestones: [150, 250], factor: 0.1, warmup: 5 }
              clipNorm: 10
              smoothOut: { range: 0.006 }
              augmentation: { cropPadding: 4, horizontalFlip: true }
              objective:
                - { term: cross-entropy, masked: true }
                - { term: proximal, mu: 0.001 }
                - term: adversarial
                  weight: 0.25
                  strengths: [4/255, 8/255]
                  combination: parallel
                  attack: { norm: linf, epsilon: 8/255, steps: 7, stepSize: 10/1785, randomStart: false }
            rounds: 300
            evaluation: { every: 5, attack: { epsilon: 8/255, steps: 20, restarts: 2 }, robustExamples: 1000 }
            """
        ).validated(for: Self.vocabulary)
        #expect(
            config.model
                == ModelSpec(
                    architecture: "digits-cnn", width: try WidthRatio(1, 8), normalization: .dualSeparate, dropout: 0.5)
        )
        let training = config.training
        #expect(
            training.optimizer
                == OptimizerSpec(learningRate: 0.1, momentum: 0.9, nesterov: true, decoupled: true))
        #expect(training.schedule == ScheduleSpec(.multiStep(milestones: [150, 250], factor: 0.1), warmup: 5))
        #expect(training.clipNorm == 10)
        #expect(training.smoothOut == SmoothOutSpec(range: 0.006))
        #expect(training.augmentation == AugmentationSpec(cropPadding: 4, horizontalFlip: true))
        let attack = AttackSpec(epsilon: 8 / 255, steps: 7, stepSize: 10 / 1785, randomStart: false)
        #expect(
            training.objective == [
                .crossEntropy(masked: true), .proximal(mu: 0.001),
                .adversarial(
                    AdversarialTerm(
                        attack: attack, weight: 0.25, strengths: [4 / 255, 8 / 255], combination: .parallel)),
            ])
        #expect(config.evaluation.every == 5)
        #expect(config.evaluation.attack == AttackSpec(epsilon: 8 / 255, steps: 20, restarts: 2))
        #expect(config.evaluation.robustExamples == 1000)
    }

    @Test(arguments: [
        ("training.epoch=3", "epochs"), ("quorom=1", "rounds"), ("cohort.quorom=1", "quorum"),
        ("uplink.codecs=x", "codec"), ("training.schedule.warmups=1", "warmup"), ("model.widht=1/8", "width"),
        ("evaluation.attack.epsilom=1", "epsilon"), ("training.optimizer.beta_1=0.9", "beta1"),
    ])
    func anUnknownKeyNamesANearKnownOne(override: String, nearest: String) throws {
        let error = #expect(throws: ConfigurationError(.unknownKey, "")) {
            try RunFile.parse(Self.text, overrides: [override])
        }
        #expect(error?.message.contains("unknown key \(override.prefix { $0 != "=" })") == true)
        #expect(error?.message.contains(nearest) == true)
    }

    @Test(arguments: [
        ("rounds=0", "rounds"), ("rounds=x", "rounds"), ("name=../x", "name"), ("model.architecture=lenett", "lenet"),
        ("uplink.momentumMasking=true", "uplink.momentumMasking"),
        ("uplink.codec=ternery", "ternary"), ("downlink.codec=ternary", "downlink.codec"),
        ("uplink.codec=ternary-sum", "set uplink.codec to ternary and uplink.scales to shared"),
        ("downlink={codec: stc, values: float16}", "has no option values"),
        ("uplink={codec: ternary, errorFeedback: true}", "remove the key"),
        ("uplink={codec: uniform, bits: 2, errorFeedback: true}", "choose stc or top-k"),
        ("uplink={codec: dense-float32, errorFeedback: true}", "leaves nothing out"),
        ("uplink={codec: ternary, scales: shared}", "set strategy.weighting to uniform"),
        ("downlink.codec=ternary-sum", "set uplink.codec to ternary"), ("downlink.verifyEvery=3", "remove the key"),
        ("downlink={codec: stc, verifyEvery: -1}", "downlink.verifyEvery"),
        ("strategy.optimizer={name: adam, momentum: 0.5}", "it belongs to sgd"),
        ("strategy={serverLearningRate: 0.5, optimizer: {name: adam}}", "remove this key"),
        ("strategy.schedule={name: cosine, warmup: 21}", "strategy.schedule.warmup"),
        ("strategy.weighting=equal", "strategy.weighting"),
        ("limits.updateNorm=0", "limits.updateNorm"), ("limits.relativeNorm=0.5", "limits.relativeNorm"),
        ("limits.offersPerMinute=0", "limits.offersPerMinute"),
        ("strategy.aggregator=medain", "did you mean median?"), ("strategy.aggregator={name: median, trim: 1}", "trim"),
        ("strategy={aggregator: median, weighting: examples}", "remove the key, or set it to uniform"),
        ("strategy.aggregator={name: trimmed-mean, trim: 0.5}", "strategy.aggregator.trim"),
        ("strategy.aggregator={name: bulyan, attackers: 2}", "set cohort.minimumWorkers to 11"),
        ("cohort.fraction=0", "cohort.fraction"), ("cohort.quorum=1.5", "cohort.quorum"),
        ("cohort.deadlineSeconds=-1", "cohort.deadlineSeconds"), ("training.batchSize=0", "training.batchSize"),
        ("cohort.deadlineSeconds=soon", "takes auto or a number"), ("cohort.overSelection=0.5", "cohort.overSelection"),
        ("cohort.overSelection=1.2", "lower cohort.fraction"), ("cohort.staleness=2", "set cohort.late to fold"),
        ("cohort={late: fold, staleness: 0}", "1 to 100 rounds"), ("cohort.late=later", "cohort.late"),
        ("cohort={late: fold, fraction: 0.5, overSelection: 1.5}", "set cohort.overSelection to 1"),
        ("limits.refusalsInARow=-1", "limits.refusalsInARow"),
        ("cohort={late: fold, minimumWorkers: 1074}", "set it to 999759 or less, or strategy.weighting to uniform"),
        ("cohort.minimumWorkers=70000", "limits.examplesPerWorker"),
        ("training.optimizer.learningRate=.nan", "learningRate"), ("training.optimizer.name=adm", "optimizer.name"),
        ("strategy=fedbn", "lenet has none"), ("model.statistics=local", "model.statistics"),
        ("strategy.mu=0.5", "only fedprox"), ("strategy={name: fedprox, mu: -1}", "strategy.mu"),
        ("training.optimizer.momentum=1", "momentum"), ("strategy.name=fedavgg", "fedavg"),
        ("data.dataset=minst", "mnist"), ("data.dataset=digits", "data.path"), ("data.partition.alpha=0", "alpha"),
        ("data.partition.scheme=noise", "data.partition"), ("data.partition.scheme=domain", "did you mean domains?"),
        ("data.partition.scheme=shards", "shardsPerWorker"), ("data.partition.scheme=groups", "data.partition.by"),
        ("data.partition={ scheme: shards, shardsPerWorker: 0 }", "data.partition.shardsPerWorker"),
        ("data.partition={ scheme: quantity, alpha: -1 }", "data.partition.alpha"),
        ("data.fraction=0", "data.fraction"),
        ("data.fraction=1.01", "data.fraction"), ("data.fraction=.nan", "data.fraction"),
        ("data.label=x", "data.label"), ("data.schema=x", "data.schema"), ("data.dataset=csv", "data.label"),
        ("data={ dataset: csv, path: x, label: '' }", "data.label"),
        ("limits.examplesPerWorker=0", "limits.examplesPerWorker"),
        ("training=7", "training"), ("model.width=0.125", "1/8"), ("model.width=9/8", "model.width"),
        ("model.width=half", "model.width"), ("model.normalization=dual-shared", "digits-cnn"),
        ("model.normalization=layer", "model.normalization"), ("model.dropout=1", "model.dropout"),
        ("training.optimizer={learningRate: 1, nesterov: true}", "nesterov"), ("training.optimizer.nu=0.5", "qhm"),
        ("training.optimizer={name: adamw, learningRate: 1, momentum: 0.9}", "sgd, qhm, rmsprop"),
        ("training.schedule={name: cosine, warmup: 21}", "warmup"), ("training.schedule={name: step}", "schedule"),
        ("training.schedule={name: multi-step}", "milestones"), ("training.clipNorm=0", "training.clipNorm"),
        ("training.smoothOut={range: -1}", "smoothOut.range"), ("training.smoothOut={scaling: none}", "range"),
        ("training.augmentation={cropPadding: -1}", "cropPadding"),
        ("training.objective=[{term: cross-entropy, masked: true, labelSmoothing: 0.1}]", "masked"),
        ("training.objective=[{term: cross-entropy, mu: 1}]", "labelSmoothing"),
        ("training.objective=[{term: cross-entropy}, {term: adversarial}]", "attack"),
        (
            "training.objective=[{term: cross-entropy}, {term: adversarial, weight: 2, attack: {epsilon: 8/255}}]",
            "weight"
        ),
        ("training.objective=[{term: cross-entropy}, {term: adversarial, attack: {epsilon: 8/255x}}]", "8/255"),
        ("evaluation.attack={epsilon: 8}", "evaluation.attack.epsilon"),
        ("evaluation.attack={epsilon: 0.1, norm: l3}", "norm"), ("evaluation.robustExamples=10", "evaluation.attack"),
        ("evaluation={attack: {epsilon: 0.1}, robustExamples: 0}", "robustExamples"),
        ("evaluation.adversarialShare=0.5", "model.normalization"),
        ("evaluation.adversarialShare=-0.5", "adversarialShare"),
        ("model.statistics=batch", "no batch normalisation"), ("model.statistics=averages", "averaged"),
        ("training.objective=[{term: cross-entropy}, {term: calibration, weight: 0.5}]", "model.normalization"),
        ("training.objective=[{term: cross-entropy}, {term: calibration}]", "weight"),
    ])
    func whatCannotRunIsRefusedWithASentenceThatNamesIt(override: String, named: String) throws {
        let error = #expect(throws: ConfigurationError.self) {
            try RunFile.parse(Self.text, overrides: [override]).validated(for: Self.vocabulary)
        }
        #expect(error?.message.contains(named) == true, "\(error?.message ?? "")")
    }

    /// A round that measures statistics takes whole models and their plain mean.
    @Test(arguments: [
        ("rounds=1", "rounds"), ("cohort.late=fold", "cohort.late"), ("downlink.codec=stc", "model.statistics"),
        ("strategy.aggregator=median", "strategy.aggregator"),
        ("training.objective=[{term: cross-entropy}, {term: calibration, weight: 0.5}]", "calibration"),
    ])
    func whatDoesNotGoWithMeasuredStatisticsIsRefused(override: String, named: String) throws {
        let model = "model={architecture: digits-cnn, normalization: dual-shared, statistics: post-training}"
        #expect(try RunFile.parse(Self.text, overrides: [model]).validated(for: Self.vocabulary).trainedRounds == 19)
        let error = #expect(throws: ConfigurationError.self) {
            try RunFile.parse(Self.text, overrides: [model, override]).validated(for: Self.vocabulary)
        }
        #expect(error?.message.contains(named) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: ["", "- a\n- b", "name: [", "{", "\u{0}", "name: x"])
    func whatIsNoRunFileIsRefused(text: String) {
        #expect(throws: ConfigurationError(.malformed, "")) { try RunFile.parse(text) }
    }

    @Test func aMissingFileSaysWhichAndWhatToDo() {
        let error = #expect(throws: ConfigurationError(.unreadable, "")) {
            try RunFile.load(URL(fileURLWithPath: "/nonexistent/run.yaml"))
        }
        #expect(error?.message.contains("/nonexistent/run.yaml") == true)
    }

    @Test func aggregatorsGoWithWhatTravels() throws {
        let workers = ["cohort.minimumWorkers=12", "cohort.fraction=0.5"]
        let krum = try RunFile.parse(Self.text, overrides: ["strategy.aggregator={name: krum, attackers: 1}"] + workers)
        #expect(try krum.validated(for: Self.vocabulary).strategy.weighting == .uniform)
        #expect(try RunFile.parse(RunFile.text(of: krum)) == krum)
        for (overrides, part) in [
            (["strategy.aggregator={name: krum, attackers: 2}"] + workers, "set cohort.minimumWorkers to 13"),
            (
                [
                    "strategy.aggregator=median", "uplink={codec: ternary, scales: shared}",
                    "downlink.codec=ternary-sum",
                ], "downlink.codec: ternary-sum"
            ), (["strategy.aggregator=sign-vote", "model.architecture=digits-cnn"], "running statistics"),
        ] {
            let error = #expect(throws: ConfigurationError(.invalid, "")) {
                try RunFile.parse(Self.text, overrides: overrides).validated(for: Self.vocabulary)
            }
            #expect(error?.message.contains(part) == true)
        }
    }

    @Test func aTableNamesItsLabel() throws {
        let config = try RunFile.parse(
            Self.text,
            overrides: ["data={ dataset: csv, path: /x.csv, label: num, schema: /s.json, fraction: 0.5 }"]
        ).validated(for: Self.vocabulary)
        #expect(
            config.data
                == .init(dataset: "csv", path: "/x.csv", label: "num", schema: "/s.json", fraction: 0.5))
    }

    @Test func pathsAreTakenFromTheRunFilesFolder() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fedcoord-run-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent("run.yaml")
        try Data().write(to: folder.appendingPathComponent("schema.json"))
        try Self.text.write(to: file, atomically: true, encoding: .utf8)
        let config = try RunFile.load(
            file, overrides: ["data={ dataset: csv, path: not-there.csv, label: num, schema: schema.json }"])
        #expect(config.data.schema == folder.appendingPathComponent("schema.json").path)
        #expect(config.data.path == FileManager.default.currentDirectoryPath + "/not-there.csv")
    }
}
