// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import Testing

/// What a run file may say of the way up and down.
@Suite struct RunFileLinkTests {
    @Test(arguments: ["uplink.codec=zip", "downlink.codec=zip", "downlink.codec=sbc-1", "downlink.codec=uniform"])
    func onlyCodecsThatTheNextTryTakesAreListed(_ override: String) throws {
        let error = #expect(throws: ConfigurationError(.invalid, "")) {
            try RunFile.parse(RunFileTests.text, overrides: [override]).validated(for: RunFileTests.vocabulary)
        }
        let message = try #require(error?.message)
        #expect(message.contains("dense-bfloat16") || message.contains("did you mean sbc?"), "\(message)")
        let refused = override.hasPrefix("uplink") ? ["ternary-sum"] : ["random-k", "sbc-2", "ternary,"]
        for name in refused { #expect(!message.contains(name), "\(message)") }
    }

    @Test(arguments: [
        "uplink={codec: uniform, bits: 4, errorFeedback: true}", "uplink={codec: ternary, errorFeedback: false}",
        "uplink={codec: dense-float16, errorFeedback: true}", "downlink={codec: top-k, values: float16}",
    ])
    func whatGoesTogetherIsTaken(_ override: String) throws {
        let config = try RunFile.parse(RunFileTests.text, overrides: [override]).validated(for: RunFileTests.vocabulary)
        #expect(try RunFile.parse(RunFile.text(of: config)) == config)
    }

    /// What a new run is refused for may be in the file of one that began before it was.
    @Test(arguments: ["uplink={codec: ternary, errorFeedback: true}", "uplink={codec: ternary-sum}"])
    func whatHasBegunGoesOn(_ override: String) throws {
        let config = try RunFile.parse(RunFileTests.text, overrides: [override])
        #expect(throws: ConfigurationError(.invalid, "")) { try config.validated(for: RunFileTests.vocabulary) }
        #expect(try config.validated(for: RunFileTests.vocabulary, hasBegun: true).uplink == config.uplink)
    }

    @Test func presetsSetDensityAndSteps() throws {
        let text = """
            name: x
            model: { architecture: mlp }
            data: { dataset: digits }
            training: { optimizer: { learningRate: 0.1 } }
            uplink: { codec: sbc-3 }
            rounds: 1
            """
        let config = try RunFile.parse(text)
        #expect(config.uplink == CodecSpec(CodecID("sbc"), density: 0.01))
        #expect(config.training.steps == 100)
        #expect(try RunFile.parse(text, overrides: ["training.epochs=2"]).training.steps == nil)
        #expect(try RunFile.parse(text, overrides: ["training.steps=7"]).training.steps == 7)
        let first = try RunFile.parse(text, overrides: ["uplink.codec=sbc-1", "uplink.density=0.5"])
        #expect(first.uplink.density == 0.5)
        #expect(first.training.steps == 1)
        #expect(try RunFile.parse(RunFile.text(of: config)) == config)
    }
}
