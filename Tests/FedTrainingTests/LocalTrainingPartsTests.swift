// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

/// Training where batch normalisation stays with the worker.
@Suite struct LocalTrainingPartsTests {
    static let model = ModelSpec(architecture: "resnet20", width: .full, normalization: .dualShared)
    static let roles: [Set<ParameterRole>] = [ParameterRole.normalization, ParameterRole.statistics]

    private struct Setting {
        let data: Dataset
        let network: Network
        let networks: TrainingNetworks
        let parts: ModelParts
        let base: [Float]
        var own: [Float]
        var change: [Float]

        init(keeping roles: Set<ParameterRole>) throws {
            let digits = try DatasetRegistry.load(DatasetSource(name: "digits")).train
            data = digits.subset(Array(0..<12))
            var spec = LocalTrainingPartsTests.model
            spec.width = try WidthRatio(1, 8)
            network = try ModelZoo.makeNetwork(spec, input: data.input, classes: data.classes, maximumBatch: 6)
            networks = TrainingNetworks(spec, input: data.input, classes: data.classes, maximumBatch: 6)
            parts = ModelParts(network.layout, keeping: roles)
            network.initialize(using: SeededGenerator(key: 4))
            base = parts.travelling(of: network.parameters())
            own = try ModelZoo.initialOwn(parts, of: spec, input: data.input, classes: data.classes)
            change = []
        }

        mutating func train(_ objective: [ObjectiveTerm], rate: Float = 0.05) throws {
            change = [Float](repeating: 0, count: base.count)
            _ = try LocalTraining.train(
                .wholeModel, of: parts, networks: networks, base: base, own: &own, change: &change, data: data,
                spec: LocalTrainingSpec(
                    batchSize: 6, optimizer: OptimizerSpec(learningRate: rate), objective: objective),
                generator: SeededGenerator(key: 9))
        }

        /// The worker's own values of a role, all of them one after the other.
        func own(_ role: ParameterRole) -> [Float] {
            zip(parts.own.parameters, parts.own.segments).filter { $0.0.role == role }.flatMap { own[$0.1] }
        }
    }

    /// What travels changes as in the training of the whole, and what stays becomes what it became there.
    @Test(arguments: roles) func isTheTrainingOfTheWhole(_ roles: Set<ParameterRole>) throws {
        var setting = try Setting(keeping: roles)
        let start = setting.parts.joined(setting.base, own: setting.own)
        let (before, clean) = (setting.own, setting.own(.cleanStatistics))
        try setting.train([.crossEntropy()])
        var whole = [Float](repeating: 0, count: start.count)
        _ = try LocalTraining.train(
            .wholeModel, network: setting.network, base: start, change: &whole, data: setting.data,
            spec: LocalTrainingSpec(batchSize: 6, optimizer: OptimizerSpec(learningRate: 0.05)),
            generator: SeededGenerator(key: 9))
        #expect(setting.change == setting.parts.travelling(of: whole))
        #expect(setting.own == zip(before, setting.parts.own(of: whole)).map { $0 + $1 })
        #expect(setting.own(.cleanStatistics) != clean)
        // A second round goes on from there. Training is by the batch's statistics, so that running ones do not matter to it.
        let (first, own) = (setting.change, setting.own)
        try setting.train([.crossEntropy()])
        #expect((setting.change == first) == !roles.contains(.normScale))
        #expect(setting.own != own)
    }

    @Test func scalesBeginWithOneAndShiftsWithZero() throws {
        let setting = try Setting(keeping: ParameterRole.normalization)
        #expect(setting.own(.normScale).allSatisfy { $0 == 1 } && setting.own(.normShift).allSatisfy { $0 == 0 })
        let names = setting.parts.own.parameters.filter(\.role.isStatistics).map(\.name)
        #expect(names.allSatisfy { $0.hasSuffix(".running_mean") || $0.hasSuffix(".running_var") })
        for (parameter, segment) in zip(setting.parts.own.parameters, setting.parts.own.segments)
        where parameter.role.isStatistics {
            let expected: Float = parameter.name.hasSuffix(".running_var") ? 1 : 0
            #expect(setting.own[segment].allSatisfy { $0 == expected })
        }
    }

    /// Calibration through the adversarial branch leaves its statistics as they are, to the bit; attacks move both branches'.
    @Test func calibrationLeavesPropagatedStatisticsAsTheyAre() throws {
        var setting = try Setting(keeping: ParameterRole.normalization)
        let attacks: [ObjectiveTerm] = [
            .crossEntropy(), .adversarial(AdversarialTerm(attack: .pgd(epsilon: 0.1, steps: 2))),
        ]
        try setting.train(attacks)
        let (clean, propagated) = (setting.own(.cleanStatistics), setting.own(.adversarialStatistics))
        #expect(propagated != clean)
        try setting.train([.crossEntropy(), .calibration(weight: 0.5)])
        #expect(setting.own(.adversarialStatistics) == propagated)
        #expect(setting.own(.cleanStatistics) != clean)
        let calibrated = setting.own(.cleanStatistics)
        try setting.train(attacks)
        #expect(setting.own(.adversarialStatistics) != propagated && setting.own(.cleanStatistics) != calibrated)
    }

    @Test func whatDoesNotFitIsRefused() throws {
        var setting = try Setting(keeping: ParameterRole.normalization)
        setting.own.removeLast()
        #expect(throws: TrainingError(.shapeMismatch, "")) { try setting.train([.crossEntropy()]) }
    }
}
