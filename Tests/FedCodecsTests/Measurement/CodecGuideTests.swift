// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Testing

@Suite struct CodecGuideTests {
    @Test func namesEveryCodecOnce() {
        #expect(CodecGuide.all.map(\.codec.rawValue).sorted() == CodecRegistry.names.sorted())
    }

    @Test(arguments: CodecGuide.all.map(\.codec)) func variantsAreOfTheirCodecAndDiffer(_ codec: CodecID) throws {
        let guide = try #require(CodecGuide.all.first { $0.codec == codec })
        #expect(Set(guide.variants).count == guide.variants.count)
        for variant in guide.variants {
            #expect(variant.codec == codec)
            #expect(try CodecRegistry.codec(variant).id == codec)
        }
        #expect(!guide.purpose.isEmpty)
    }

    @Test func optionsAreThoseThatTheRegistryTakes() {
        #expect(CodecRegistry.options(of: CodecID("nothing")).isEmpty)
        for name in CodecRegistry.names {
            let options = CodecRegistry.options(of: CodecID(name))
            #expect(!options.contains("codec"))
            let takesBits = (try? CodecRegistry.codec(CodecSpec(CodecID(name), bits: 4))) != nil
            #expect(options.contains("bits") == takesBits)
        }
    }
}
