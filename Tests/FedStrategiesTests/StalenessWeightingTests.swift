// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedStrategies
import Testing

@Suite struct StalenessWeightingTests {
    /// Within half a unit of 64 / √(1 + s).
    @Test func lateUpdatesCountLess() {
        let weighting = StalenessWeighting(.uniform, foldsLate: true)
        #expect([0, 1, 2, 3, 8, 15].map { weighting.weight(examples: 9, roundsLate: $0) } == [64, 45, 37, 32, 21, 16])
        for late in 0...1000 { #expect(weighting.weight(examples: 1, roundsLate: late) >= 2) }
    }

    @Test func examplesStillCount() {
        let weighting = StalenessWeighting(.examples, foldsLate: true)
        #expect(weighting.weight(examples: 10) == 640)
        #expect(weighting.weight(examples: 10, roundsLate: 3) == 320)
        #expect(weighting.bound(updates: 3, examplesPerWorker: 10) == 1920)
    }

    @Test func whereLateUpdatesAreRefusedWeightsAreAsTheyAre() {
        let weighting = StalenessWeighting(.examples, foldsLate: false)
        #expect(weighting.weight(examples: 10) == 10)
        #expect(weighting.bound(updates: 3, examplesPerWorker: 10) == 30)
    }
}
