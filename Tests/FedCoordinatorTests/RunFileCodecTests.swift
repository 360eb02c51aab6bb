// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import Testing

/// Codecs as a command line names them.
@Suite struct RunFileCodecTests {
    @Test func aNameAlone() throws {
        #expect(try RunFile.codec("ternary") == CodecSpec(CodecID("ternary")))
        #expect(try RunFile.codec("12") == CodecSpec(CodecID("12")))
    }

    @Test func optionsFollowBehindColons() throws {
        #expect(
            try RunFile.codec("ternary:entropy=none:dense=[bias, norm]:denseBelow=10")
                == CodecSpec(
                    CodecID("ternary"), entropy: CodecSpec.Entropy.none, dense: [.bias, .norm], denseBelow: 10))
        #expect(
            try RunFile.codec("top-k:density=0.5", settings: ["values=float16", "density=1e-3"])
                == CodecSpec(CodecID("top-k"), density: 0.001, values: .float16))
    }

    @Test func presetsStandForTheirCodec() throws {
        #expect(try RunFile.codec("sbc-1") == CodecSpec(CodecID("sbc"), density: 0.001))
        #expect(try RunFile.codec("sbc-1:density=0.2") == CodecSpec(CodecID("sbc"), density: 0.2))
    }

    @Test(arguments: [
        ("", "a name"), (":density=1", "a name"), ("sbc:density", "key=value"), ("sbc::", "key=value"),
        ("sbc:densty=1", "did you mean density?"), ("sbc:density=much", "density"), ("ternary:entropy=zstd", "entropy"),
        ("ternary:dense=[first]", "dense"), ("sbc:density=[", "YAML"), ("sbc:=1", "key=value"),
        ("ternary:clip=", "as in density=0.01, not clip="),
    ])
    func whatIsNoOptionIsRefused(_ text: String, _ says: String) {
        let error = #expect(throws: ConfigurationError.self) { try RunFile.codec(text) }
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
    }
}
