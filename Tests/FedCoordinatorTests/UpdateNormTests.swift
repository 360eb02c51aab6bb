// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCoordinator
import FedCore
import Testing

@Suite struct UpdateNormTests {
    private static func norm(_ values: [Float], _ limits: RunConfig.LimitsSection) -> UpdateNorm? {
        var norm = UpdateNorm(limits)
        values.withUnsafeBufferPointer { norm?.add(.dense($0, at: 0)) }
        return norm
    }

    @Test func nothingIsMeasuredThatNobodyAsksFor() {
        #expect(Self.norm([1], .init()) == nil)
        #expect(Self.norm([3, 4], .init(relativeNorm: 2))?.value == 5)
        #expect(Self.norm([3, 4], .init(updateNorm: 5))?.refusal == nil)
        #expect(Self.norm([3, 4], .init(updateNorm: 4.99))?.refusal?.code == .badValues)
    }

    /// However an update travels, the norm is that of what it decodes to.
    @Test(arguments: CodecRegistry.names) func theNormIsThatOfWhatIsDecoded(_ name: String) throws {
        let codec = try CodecRegistry.codec(CodecID(name))
        let layout = try ModelLayout([
            ParameterSpec(name: "a", shape: [30_000], role: .weight), ParameterSpec(name: "b", shape: [7], role: .bias),
        ])
        var generator = SeededGenerator(key: 1)
        let change = try ParameterVector(
            layout: layout, values: (0..<layout.count).map { _ in generator.nextUnitFloat() - 0.5 })
        let payload = try codec.encode(change, generator: SeededGenerator(key: 2))
        let decoded = try codec.decode(payload, layout: layout).values
        var norm = UpdateNorm(.init(relativeNorm: 2))
        var decoder = UpdateDecoder(codec, layout: layout)
        try decoder.push(payload) { (piece) throws(CodecError) in norm?.add(piece) }
        let expected = decoded.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        #expect(abs((norm?.value ?? 0) - expected) <= 1e-6 * expected)
    }

    @Test func outliersAreFarAboveTheMedian() throws {
        func outliers(_ norms: [Double], _ factor: Double) throws -> [String] {
            var named: [WorkerID: Double] = [:]
            for (index, norm) in norms.enumerated() { named[try WorkerID("w\(index)")] = norm }
            return UpdateNorm.outliers(among: named, factor: factor).map(\.worker.rawValue)
        }
        #expect(try outliers([1, 1, 1, 10], 3) == ["w3"])
        #expect(try outliers([10, 1, 11, 1, 1], 3) == ["w0", "w2"])
        #expect(try outliers([1, 1, 3], 3).isEmpty)
        #expect(try outliers([1, 1000], 1).isEmpty, "nobody can say who of two is wrong")
        #expect(try outliers([0, 0, 5], 2).isEmpty)
        #expect(try outliers([1, 2, 3, 4], 1) == ["w2", "w3"])
    }
}
