// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedStrategies
import Testing

/// Run files of strategies of which only some workers train adversarially.
@Suite struct RunFileAdversarialTests {
    private static func config(_ overrides: String...) throws(ConfigurationError) -> RunConfig {
        try RunFile.parse(RunFileTests.text, overrides: ["model={architecture: digits-cnn}"] + overrides)
            .validated(for: RunFileTests.vocabulary)
    }

    @Test(arguments: ["fatavg", "fatbn", "fatprox", "fedrbn"]) func oneWordIsEnough(_ name: String) throws {
        let config = try Self.config("strategy=\(name)")
        #expect(config.training.objective == RunConfig.adversarialObjective)
        let attack = try #require(config.training.adversarialTerm).attack
        #expect(attack.steps == 7 && attack.epsilon == 8 / 255)
        #expect(abs(attack.stepSize(for: attack.epsilon) - 10 / 255 / 7) < 1e-9)
        #expect(config.model.normalization == (name == "fedrbn" ? .dualShared : .batch))
        #expect(config.evaluation.adversarialShare == (name == "fedrbn" ? 1 : 0))
        let staying = ["fatbn", "fedrbn"].contains(name) ? ParameterRole.normalization : []
        #expect(config.ownRoles == staying)
        #expect(try RunFile.parse(RunFile.text(of: config)) == config)
    }

    /// By the adversarial branch where every worker has one that fits.
    @Test func twoBatchNormsAreUsedByTheSecond() throws {
        for name in ["fatavg", "fatprox", "fatbn"] {
            let config = try Self.config("strategy=\(name)", "model.normalization=dual-shared")
            #expect(config.evaluation.adversarialShare == (name == "fatbn" ? 0 : 1))
        }
        #expect(
            try Self.config("strategy=fedrbn", "evaluation.adversarialShare=0.5").evaluation.adversarialShare == 0.5)
        #expect(try Self.config("strategy=fedrbn", "evaluation={every: 7}").evaluation.adversarialShare == 1)
    }

    @Test func settingsOfPropagationAreRead() throws {
        let config = try Self.config(
            "strategy={name: fedrbn, lambda: 1, propagation: uniform, temperature: 0.1, warmup: 3, baseWidth: 1/4}")
        #expect(
            config.strategy
                == StrategySpec(
                    name: "fedrbn", baseWidth: try WidthRatio(1, 4), lambda: 1, propagation: .uniform, temperature: 0.1,
                    warmup: 3))
        #expect(config.network.bases == 4 && config.ownRoles == ParameterRole.normalization)
        #expect(try RunFile.parse(RunFile.text(of: config)) == config)
        let kinds = config.trainingByKind
        #expect(kinds.map(\.kind) == ["standard", "adversarial", "calibrating"])
        #expect(kinds.map { $0.training.passCost } == [3, 20, 4])
        #expect(try Self.config("strategy=fedrbn").trainingByKind.map { $0.training.passCost } == [3, 20, 6])
        #expect(try Self.config("strategy=fatbn").trainingByKind.map { $0.training.passCost } == [3, 20])
        #expect(try Self.config("strategy=fedbn").trainingByKind.isEmpty)
    }

    @Test(arguments: [
        ("strategy={name: fedrbn, lambda: 2}", "strategy.lambda: must be in [0, 1]"),
        ("strategy={name: fedrbn, propagation: nearest}", "nearest"),
        ("strategy={name: fedrbn, temperature: 0}", "strategy.temperature: must be above 0"),
        ("strategy={name: fatavg, lambda: 0.5}", "only fedrbn propagates"),
        ("model.normalization=batch", "model.normalization: fedrbn propagates"),
        ("model.normalization=dual-separate", "set it to dual-shared"),
        ("model.statistics=post-training", "model.statistics"), ("model.statistics=batch", "model.statistics"),
        ("model={architecture: lenet}", "lenet has none"),
        ("training.objective=[{term: cross-entropy}]", "add the term adversarial"),
        ("training.objective=[{term: cross-entropy}, {term: adversarial, weight: 0, attack: {epsilon: 0.1}}]", "PGD"),
        ("training.objective=[{term: cross-entropy}, {term: calibration, weight: 1}]", "add the term adversarial"),
    ])
    func whatDoesNotGoTogetherIsRefused(_ override: String, _ says: String) {
        let error = #expect(throws: ConfigurationError.self) { try Self.config("strategy=fedrbn", override) }
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
    }

    @Test func aProximalTermOfItsOwnIsEnough() throws {
        #expect(try Self.config("strategy={name: fatprox, mu: 0.1}").strategy.mu == 0.1)
        let terms =
            "training.objective=[{term: cross-entropy}, {term: proximal, mu: 1}, {term: adversarial, attack: {epsilon: 0.1}}]"
        #expect(throws: ConfigurationError(.invalid, "")) { try Self.config("strategy=fatprox", terms) }
        _ = try Self.config("strategy=fatavg", terms)
    }
}
