// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import Foundation
import Testing

@Suite struct WidthRatioTests {
    private func decode(_ json: String) throws -> WidthRatio {
        try JSONDecoder().decode([WidthRatio].self, from: Data("[\(json)]".utf8))[0]
    }

    @Test(arguments: [
        (#""1/8""#, 1, 8, "1/8"), (#""2/16""#, 1, 8, "1/8"), ("1", 1, 1, "1"), (#""8/8""#, 1, 1, "1"),
        (#""1""#, 1, 1, "1"), (#""3/10""#, 3, 10, "3/10"), (#""6/65536""#, 3, 32_768, "3/32768"),
    ])
    func fractionsAreReduced(_ json: String, _ numerator: Int, _ denominator: Int, _ text: String) throws {
        let width = try decode(json)
        #expect(width.numerator == numerator)
        #expect(width.denominator == denominator)
        #expect(width.description == text)
        #expect(try JSONDecoder().decode(WidthRatio.self, from: JSONEncoder().encode(width)) == width)
    }

    @Test(arguments: ["0.125", #""0.125""#, "1.5", #""half""#, #""1/2/3""#, #""""#, #""/""#, #""1/""#])
    func whatIsNoFractionIsRefusedWithAnExample(_ json: String) {
        let error = #expect(throws: DecodingError.self) { try decode(json) }
        guard case .dataCorrupted(let context) = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(context.debugDescription.contains("1/8"))
    }

    @Test(arguments: ["0", "2", #""0/8""#, #""9/8""#, #""1/0""#, #""-1/8""#, #""-1/-8""#, #""1/65537""#])
    func fractionsOutOfRangeAreRefused(_ json: String) {
        #expect(throws: DecodingError.self) { try decode(json) }
    }

    @Test func channelsAreExact() throws {
        for denominator in 1...40 {
            for numerator in 1...denominator {
                let width = try WidthRatio(numerator, denominator)
                for channels in 1...100 {
                    let count = width.of(channels)
                    if count == 1 {
                        #expect(channels * numerator < 2 * denominator)
                    } else {
                        #expect(count * denominator <= channels * numerator)
                        #expect((count + 1) * denominator > channels * numerator)
                    }
                }
            }
        }
        #expect(WidthRatio.full.of(2048) == 2048)
    }
}
