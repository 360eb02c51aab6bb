// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Foundation
import Testing

@Suite struct CodecRegistryTests {
    @Test func namesAndNumbersAreUnique() {
        let codecs = CodecRegistry.all
        #expect(Set(codecs.map(\.id)).count == codecs.count)
        #expect(Set(codecs.map(\.wireNumber)).count == codecs.count)
        #expect(codecs.map(\.wireNumber) == codecs.map(\.wireNumber).sorted())
        #expect(CodecRegistry.names == codecs.map(\.id.rawValue))
    }

    @Test(arguments: CodecRegistry.names) func everyNameIsFound(_ name: String) throws {
        #expect(try CodecRegistry.codec(CodecID(name)).id == CodecID(name))
    }

    @Test func anUnknownNameListsTheKnownAndTheNearest() {
        let error = #expect(throws: CodecError.self) { try CodecRegistry.codec(CodecID("ternery")) }
        #expect(error?.code == .unknownCodec)
        #expect(error?.message.contains("did you mean ternary?") == true)
        for name in CodecRegistry.names { #expect(error?.message.contains(name) == true) }
        let stranger = #expect(throws: CodecError.self) { try CodecRegistry.codec(CodecID("")) }
        #expect(stranger?.message.contains("did you mean") == false)
    }

    @Test(arguments: [
        CodecSpec(CodecID("uniform"), bits: 3), CodecSpec(CodecID("uniform"), bits: 0),
        CodecSpec(CodecID("uniform"), density: 0.1), CodecSpec(CodecID("dense-float32"), bits: 8),
    ])
    func optionsOutOfRangeAreRefused(_ spec: CodecSpec) {
        #expect(throws: CodecError(.invalidOption, "")) { try CodecRegistry.codec(spec) }
    }

    @Test(arguments: ["sbc", "stc", "top-k", "random-k"], [(2, "2.0"), (0, "0.0"), (-1, "-1.0"), (Double.nan, "nan")])
    func aDensityOutOfRangeIsNamed(_ name: String, _ density: (Double, String)) {
        let error = #expect(throws: CodecError(.invalidOption, "")) {
            try CodecRegistry.codec(CodecSpec(CodecID(name), density: density.0))
        }
        #expect(error?.message == "density is \(density.1), and must be above 0 and at most 1, as in 0.01")
    }

    @Test func theDocumentsTableEqualsTheRegistry() throws {
        let text = try String(contentsOf: Vectors.codecs.appending(path: "README.md"), encoding: .utf8)
        let rows = text.split(separator: "\n").compactMap { line -> String? in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count >= 2, let number = UInt8(cells[0]), cells[1].hasPrefix("[") else { return nil }
            return "\(number) \(cells[1].split(separator: "]")[0].trimmingCharacters(in: ["[", "`"]))"
        }
        #expect(rows == CodecRegistry.all.map { "\($0.wireNumber) \($0.id)" })
        for name in CodecRegistry.names {
            #expect(FileManager.default.fileExists(atPath: Vectors.codecs.appending(path: name + ".md").path))
        }
    }
}
