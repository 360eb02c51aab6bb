// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Testing

@Suite struct UpdateLossTests {
    static func loss(_ update: [Float], _ decoded: [Float]) throws -> UpdateLoss {
        let layout = try Samples.flat(update.count)
        return UpdateLoss(
            of: try ParameterVector(layout: layout, values: update),
            decoded: try ParameterVector(layout: layout, values: decoded))
    }

    @Test func isTheLengthOfTheDifference() throws {
        let loss = try Self.loss([3, 4, 0], [3, 0, 0])
        #expect(loss.relativeError == 0.8)
        #expect(loss.cosine == 0.6)
        #expect(loss.nonZeros == 1)
        let opposite = try Self.loss([3, 4], [-3, -4])
        #expect(opposite.relativeError == 2)
        #expect(opposite.cosine == -1)
    }

    @Test func isDefinedForZeros() throws {
        #expect(try Self.loss([1, 2], [1, 2]).relativeError == 0)
        let nothing = try Self.loss([1, 2], [0, 0])
        #expect((nothing.relativeError, nothing.cosine, nothing.nonZeros) == (1, 0, 0))
        let zeros = try Self.loss([0, 0], [0, 0])
        #expect((zeros.relativeError, zeros.cosine) == (0, 0))
        #expect(try Self.loss([0, 0], [0, 1]).relativeError == .infinity)
    }
}
