// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import Testing

/// What `fedcoord check` says of both directions.
@Suite struct LinkTextTests {
    private func texts(_ overrides: [String]) throws -> (up: String, down: String) {
        let config = try RunFile.parse(
            """
            name: links
            model: { architecture: mlp }
            data: { dataset: digits }
            training: { optimizer: { name: sgd, learningRate: 0.1, momentum: 0.9 } }
            rounds: 2
            """, overrides: overrides)
        let layout = try ModelLayout([
            ParameterSpec(name: "fc.weight", shape: [10, 5], role: .weight),
            ParameterSpec(name: "fc.bias", shape: [10], role: .bias),
        ])
        return (config.uplinkText(for: layout), config.downlinkText(for: layout))
    }

    @Test func defaultsAreNamed() throws {
        let texts = try texts([])
        #expect(texts.up == "ternary clip=2.5 scales=local, after 1 epoch")
        #expect(texts.down == "dense-float32")
    }

    @Test func aPresetIsNamedByWhatItSets() throws {
        let texts = try texts([
            "uplink={codec: sbc-3, dense: [bias]}", "training.optimizer.state=kept",
            "downlink={codec: stc, density: 0.1, denseBelow: 100}",
        ])
        #expect(
            texts.up
                == "sbc density=0.01 dense=[bias] errorFeedback=true momentumMasking=true, "
                + "10 of 60 parameters as float32, after 100 steps")
        #expect(texts.down == "stc density=0.1 denseBelow=100 verifyEvery=10, 60 of 60 parameters as float32")
    }

    @Test func whatIsTurnedOffIsNamed() throws {
        let texts = try texts(["uplink={codec: top-k, errorFeedback: false}", "training.steps=1"])
        #expect(texts.up == "top-k density=0.01 errorFeedback=false, after 1 step")
    }
}
