// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedWorker
import Testing

@Suite struct BackOffTests {
    @Test(arguments: 0..<50) func waitsGrowAreBoundedAndSpread(seed: Int) {
        var backOff = BackOff(base: 0.5, limit: 8, generator: SeededGenerator(key: UInt64(seed)))
        var bound = 0.5
        for _ in 0..<40 {
            let delay = backOff.nextDelay()
            #expect(delay >= bound / 4 && delay <= bound)
            bound = min(8, bound * 2)
        }
        backOff.reset()
        #expect(backOff.nextDelay() <= 0.5)
    }

    @Test func workersThatWereCutOffTogetherComeBackApart() {
        let delays = (0..<20).map { seed in
            var backOff = BackOff(generator: SeededGenerator(key: UInt64(seed)))
            return backOff.nextDelay()
        }
        #expect(Set(delays).count == 20)
    }
}
