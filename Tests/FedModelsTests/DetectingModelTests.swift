// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedModels
import FedStore
import FedTestSupport
import FedTraining
import Foundation
import Testing

/// Models with a detector that chooses a branch for each example.
@Suite struct DetectingModelTests {
    private static let attack = AttackSpec.pgd(epsilon: 0.15, steps: 5)

    /// A file of one trained network with dual batch norms.
    private static func withModel<Result>(_ body: (TrainedModel, _ folder: String) async throws -> Result) async throws
        -> Result
    {
        try await MixtureModel.withFile { path in
            try await body(
                try TrainedModel(reading: path), URL(fileURLWithPath: path).deletingLastPathComponent().path)
        }
    }

    @Test func theDetectorIsWrittenWithTheModel() async throws {
        try await Self.withModel { model, folder in
            #expect(model.card.detector == nil, "files of before there were detectors")
            #expect(throws: ModelError(.impossibleDetector, "")) { try DetectingModel(model) }
            let training = try DatasetRegistry.load(DatasetSource(name: "digits")).train
            let (detecting, fit) = try model.fittingDetector(to: training, attack: Self.attack, examples: 80)
            #expect(fit.examples == 80 && detecting.card.detector == fit.detector)
            #expect(detecting.parameters == model.parameters)
            let path = folder + "/detecting.safetensors"
            try detecting.write(to: path)
            let again = try TrainedModel(reading: path)
            #expect(again.card == detecting.card && again.parameters == model.parameters)
            #expect(try DetectingModel(again).detector == fit.detector)
            // It stays as long as the layers do that it was fitted to.
            #expect(try again.customized(robustness: 0.5).card.detector == fit.detector)
            #expect(try again.customized(width: again.width).card.detector == fit.detector)
            #expect(try again.customized(width: WidthRatio(1, 8)).card.detector == nil)
            #expect(again.ordered(by: [0.1, 0.2, 0.3, 0.4]).card.detector == nil)
            #expect(throws: ModelError(.impossibleDetector, "")) {
                try DetectingModel(again.customized(statistics: .batch))
            }
        }
    }

    @Test func itChoosesWhatItPredictsWith() async throws {
        try await Self.withModel { model, folder in
            let split = try DatasetRegistry.load(DatasetSource(name: "digits"))
            let single = try model.customized(width: WidthRatio(1, 8))
            let detecting = try DetectingModel(
                single.fittingDetector(to: split.train, attack: Self.attack, examples: 200).model)
            let network = try single.makeNetwork(maximumBatch: 1)
            let branches = try [Float(0), 1].map { try single.customized(robustness: $0) }
            var (detections, alarms) = (0, 0)
            let plain = split.test.example(at: 0)
            for index in 0..<40 {
                let image = split.test.example(at: index)
                let (prediction, isDetected) = detecting.predict(image, with: network)
                #expect(prediction.classes.map(\.name).count == 10 && prediction.classes[0].name.hasPrefix("digit "))
                let branch = branches[isDetected ? 1 : 0].predict(image, with: network)
                #expect(abs(branch.classes[0].probability - prediction.classes[0].probability) < 1e-6)
                let attacked = network.attacked(images: image, labels: [split.test.labels[index]], by: Self.attack)
                detections += detecting.predict(attacked, with: network).isDetected ? 1 : 0
                alarms += isDetected ? 1 : 0
            }
            #expect(detections > alarms, "\(detections) \(alarms)")
            let (first, second) = (detecting.predict(plain, with: network), detecting.predict(plain, with: network))
            #expect(first.prediction == second.prediction && first.isDetected == second.isDetected)
            let result = try detecting.evaluate(on: split.test, attack: Self.attack, robustExamples: 60)
            #expect(result.evaluation.accuracy > 0.6, "\(result)")
            #expect(try #require(result.detections) > result.falseAlarms, "\(result)")
            #expect(try detecting.evaluate(on: split.test).detections == nil)
        }
    }

    /// A damaged or foreign detector is refused where it is read or where it is used.
    @Test func otherDetectorsAreRefused() async throws {
        try await Self.withModel { _, folder in
            func read(_ detector: BranchDetector) throws -> TrainedModel {
                var checkpoint = try MixtureModel.checkpoint()
                var card = try MixtureModel.card()
                card.detector = detector
                try checkpoint.describe(card)
                try CheckpointFile.write(checkpoint, name: "other.safetensors", in: folder)
                return try TrainedModel(reading: folder + "/other.safetensors")
            }
            let foreign = try read(BranchDetector(weights: [1, 2], offset: 0, attack: Self.attack))
            let error = #expect(throws: ModelError(.impossibleDetector, "")) { try DetectingModel(foreign) }
            #expect(error?.message.contains("not for this model") == true)
            #expect(throws: StoreError(.corrupt, "")) {
                try read(BranchDetector(weights: [], offset: 0, attack: Self.attack))
            }
            #expect(throws: StoreError(.corrupt, "")) {
                try read(BranchDetector(weights: [1], offset: 0, attack: .pgd(epsilon: -1, steps: 7)))
            }
        }
    }

    @Test func choicesAreWrittenAsPeopleWriteThem() throws {
        #expect(BranchChoice("auto") == .detected && BranchChoice("0.25") == .mixed(0.25))
        #expect(BranchChoice("automatic") == nil && BranchChoice("") == nil)
        let encoded = try JSONEncoder().encode([BranchChoice.detected, .mixed(0.5)])
        #expect(String(decoding: encoded, as: UTF8.self) == #"["auto",0.5]"#)
    }

    @Test(arguments: [
        (AttackRequest(epsilon: 0.1), "belong to --attack"), (AttackRequest(robustExamples: 5), "belong to --attack"),
        (AttackRequest(restarts: 2), "belong to --attack"), (AttackRequest(norm: .l2), "belong to --attack"),
        (AttackRequest(name: .fgsm, steps: 2), "one step"),
        (AttackRequest(name: .apgd, epsilon: 3), "epsilon"),
        (AttackRequest(name: .pgd, robustExamples: 0), "--robust-examples"),
    ])
    func attacksThatCannotBeAreRefused(_ request: AttackRequest, _ says: String) {
        let error = #expect(throws: ModelError(.impossibleAttack, "")) { try request.validate() }
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
    }

    @Test func namedAttacksHaveDefaults() throws {
        try AttackRequest().validate()
        #expect(AttackRequest().spec == nil)
        #expect(AttackRequest(name: .pgd).spec == .pgd(epsilon: 8 / 255, steps: 7))
        #expect(AttackRequest(name: .apgd).spec == .apgd(epsilon: 8 / 255, steps: 100))
        var spec = AttackSpec.apgd(epsilon: 0.5, steps: 20)
        spec.norm = .l2
        spec.restarts = 3
        #expect(AttackRequest(name: .apgd, steps: 20, norm: .l2, restarts: 3).spec == spec)
    }
}
