// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import Foundation
import Testing

@Suite struct RunFileTests {
    static let vocabulary = RunConfig.Vocabulary(
        architectures: ["mlp", "lenet"], datasets: ["digits", "mnist", "csv"], embeddedDatasets: ["digits"],
        tabularDatasets: ["csv"])

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

    @Test(arguments: [
        ("training.epoch=3", "epochs"), ("quorom=1", "rounds"), ("cohort.quorom=1", "quorum"),
        ("uplink.codecs=x", "codec"),
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
        ("uplink.codec=ternery", "ternary"), ("downlink.codec=ternary", "downlink.codec"),
        ("cohort.fraction=0", "cohort.fraction"), ("cohort.quorum=1.5", "cohort.quorum"),
        ("cohort.deadlineSeconds=-1", "cohort.deadlineSeconds"), ("training.batchSize=0", "training.batchSize"),
        ("training.optimizer.learningRate=.nan", "learningRate"), ("training.optimizer.name=adm", "optimizer.name"),
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
        ("training=7", "training"),
    ])
    func whatCannotRunIsRefusedWithASentenceThatNamesIt(override: String, named: String) throws {
        let error = #expect(throws: ConfigurationError.self) {
            try RunFile.parse(Self.text, overrides: [override]).validated(for: Self.vocabulary)
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
