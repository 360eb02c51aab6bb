// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Testing

@Suite struct CodecSpecInForceTests {
    @Test(arguments: [
        (CodecSpec(CodecID("sbc")), "density=0.01"), (CodecSpec(CodecID("stc"), density: 0.001), "density=0.001"),
        (CodecSpec(CodecID("uniform")), "bits=8"), (CodecSpec(CodecID("ternary")), "clip=2.5 scales=local"),
        (CodecSpec(CodecID("ternary"), clip: 0, scales: .shared), "clip=0.0 scales=shared"),
        (CodecSpec(CodecID("ternary-sum")), "clip=2.5"), (CodecSpec(CodecID("dense-float32")), ""),
        (
            CodecSpec(CodecID("top-k"), values: .float16, entropy: .auto, dense: [.bias, .norm], denseBelow: 7),
            "density=0.01 values=float16 entropy=auto dense=[bias, norm] denseBelow=7"
        ),
    ]) func defaultsThatSetSizesAreNamed(_ spec: CodecSpec, _ text: String) {
        #expect(spec.optionsInForce.joined(separator: " ") == text)
    }

    @Test(arguments: CodecRegistry.names) func theRegistryTakesWhatIsNamed(_ name: String) {
        let options = CodecRegistry.options(of: CodecID(name))
        for option in CodecSpec(CodecID(name)).optionsInForce {
            #expect(options.contains(String(option.prefix { $0 != "=" })))
        }
    }
}
