// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import Foundation
import Testing

@Suite struct WorkerStatisticsTests {
    /// What is no number is refused by whoever uses it, and must get there.
    @Test func allBitsAreKept() throws {
        let statistics = WorkerStatistics(clean: [0.1, -0, .nan], adversarial: [.infinity, .leastNonzeroMagnitude])
        let text = try JSONEncoder().encode(statistics)
        let read = try JSONDecoder().decode(WorkerStatistics.self, from: text)
        #expect(read.clean.map(\.bitPattern) == statistics.clean.map(\.bitPattern))
        #expect(read.adversarial?.map(\.bitPattern) == statistics.adversarial?.map(\.bitPattern))
        let plain = try JSONDecoder().decode(
            WorkerStatistics.self, from: JSONEncoder().encode(WorkerStatistics(clean: [1])))
        #expect(plain == WorkerStatistics(clean: [1]))
    }
}
