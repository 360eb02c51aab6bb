// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedStrategies
import Testing

/// Run files of strategies whose workers train what they can afford.
@Suite struct RunFilePartsTests {
    @Test(arguments: [
        "strategy=heterofl", "strategy.name=heterofl", "strategy={name: heterofl, widths: [1/8, 1/4, 1/2, 1]}",
    ])
    func theWidthsOfHeteroFLAreThoseOfTheNetwork(_ override: String) throws {
        let config = try RunFile.parse(RunFileTests.text, overrides: [override]).validated(for: RunFileTests.vocabulary)
        let widths = try [8, 4, 2, 1].map { try WidthRatio(1, $0) }
        #expect(config.strategy.widths == widths && config.strategy.narrowest == widths[0])
        #expect(config.network.levels == widths && config.network.width == .full && config.network.bases == 1)
        #expect(config.model.levels.isEmpty)
        #expect(try RunFile.parse(RunFile.text(of: config)) == config)
    }

    @Test(
        arguments: ["split-mix", "heterofl"],
        [
            ("model.width=1/2", "model.width"), ("downlink.codec=stc", "downlink.codec"),
            ("uplink={codec: ternary, scales: shared}", "uplink.scales"),
            ("training.optimizer.state=kept", "training.optimizer.state"),
            ("limits.relativeNorm=3", "limits.relativeNorm"),
            ("strategy.aggregator=median", "strategy.aggregator"),
        ])
    func whatNeedsTheWholeModelIsRefused(_ name: String, _ setting: (override: String, key: String)) {
        let error = #expect(throws: ConfigurationError(.invalid, "")) {
            try RunFile.parse(
                RunFileTests.text, overrides: ["strategy.name=\(name)", "strategy.weighting=uniform", setting.override]
            ).validated(for: RunFileTests.vocabulary)
        }
        #expect(error?.message.hasPrefix(setting.key + ":") == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        ("strategy={name: heterofl, widths: [1/2]}", "the last of which is 1"),
        ("strategy={name: heterofl, widths: [0.5, 1]}", "fraction"),
        ("strategy={name: heterofl, optimizer: {name: adam}}", "sgd without momentum"),
        ("strategy={widths: [1/2, 1]}", "only heterofl"),
        ("model.levels=[1]", "unknown key model.levels"),
    ])
    func impossibleWidthsAreRefused(_ override: String, _ says: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try RunFile.parse(RunFileTests.text, overrides: [override]).validated(for: RunFileTests.vocabulary)
        }
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
    }

    /// Networks of all widths share running statistics that fit none of them.
    @Test func batchNormWithWidthsNeedsTheStatisticsOfTheBatch() throws {
        let settings = ["strategy=heterofl", "model.architecture=digits-cnn"]
        let error = #expect(throws: ConfigurationError(.invalid, "")) {
            try RunFile.parse(RunFileTests.text, overrides: settings).validated(for: RunFileTests.vocabulary)
        }
        #expect(
            error?.message.contains("model.statistics") == true && error?.message.contains("set it to batch") == true)
        _ = try RunFile.parse(RunFileTests.text, overrides: settings + ["model.statistics=batch"])
            .validated(for: RunFileTests.vocabulary)
    }
}
