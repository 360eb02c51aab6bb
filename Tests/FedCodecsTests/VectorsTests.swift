// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Foundation
import Testing

/// The committed vectors, which an independent implementation made from the documents.
@Suite struct VectorsTests {
    /// Where the search path finds Python, if it does.
    private static let python = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .map { $0 + "/python3" }.first { FileManager.default.isExecutableFile(atPath: $0) }

    @Test func everyCodecHasVectors() throws {
        let covered = Set(try Vectors.names().map { try Vectors.read($0).spec.codec })
        #expect(covered.isSuperset(of: CodecRegistry.all.map(\.id)))
    }

    @Test(arguments: try Vectors.names()) func encodesAndDecodesToTheBit(_ name: String) throws {
        let vector = try Vectors.read(name)
        let codec = try CodecRegistry.codec(vector.spec)
        let payload = try #require(Vectors.bytes(vector.payload))
        let decoded = try #require(Vectors.patterns(vector.decoded))
        let expected = [[UInt32]](repeating: decoded, count: vector.copies).flatMap { $0 }
        let encoded = try vector.encode(with: codec)
        if vector.decodeOnly {
            #expect(try codec.decode(encoded, layout: vector.layout).values.map(\.bitPattern) == expected)
        } else {
            #expect(encoded == payload)
        }
        #expect(try codec.decode(payload, layout: vector.layout).values.map(\.bitPattern) == expected)
    }

    @Test(arguments: try Vectors.names()) func refusesWhatIsNoPayload(_ name: String) throws {
        let vector = try Vectors.read(name)
        let codec = try CodecRegistry.codec(vector.spec)
        #expect(vector.refused.count >= 8)
        for refused in vector.refused {
            let payload = try #require(Vectors.bytes(refused.payload))
            #expect(throws: CodecError.self, "\(refused.why)") { try codec.decode(payload, layout: vector.layout) }
        }
    }

    @Test(.enabled(if: python != nil)) func theIndependentImplementationAgrees() throws {
        let process = Process()
        process.executableURL = URL(filePath: try #require(Self.python))
        process.arguments = [Vectors.codecs.appending(path: "check_vectors.py").path]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
    }
}
