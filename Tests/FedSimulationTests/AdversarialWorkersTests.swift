// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedSimulation
import Testing

@Suite struct AdversarialWorkersTests {
    @Test(arguments: [
        ("all", [1, 2, 3, 4, 5, 6]), ("3", [3]), ("1-4", [1, 2, 3, 4]), ("1,5,9", [1, 5]), ("2-2,4-6,5", [2, 4, 5, 6]),
    ])
    func areNumbersAndRanges(_ text: String, _ expected: [Int]) throws {
        let workers = try AdversarialWorkers(text: text)
        #expect((1...6).filter(workers.contains) == expected)
        #expect(workers.largest == (text == "all" ? 0 : text == "1,5,9" ? 9 : expected.max()))
    }

    @Test(arguments: ["", "0", "a", "-1", "1-", "4-1", "1,,2", "1-2-3", "1.5", "20%", "all,1"])
    func allElseIsRefused(_ text: String) {
        let error = #expect(throws: CoreError(.invalidSpecification, "")) { try AdversarialWorkers(text: text) }
        #expect(error?.message.contains("or all") == true)
    }

    @Test func numbersAreNamedOneByOne() {
        let workers = AdversarialWorkers([7, 2])
        #expect((1...9).filter(workers.contains) == [2, 7])
    }
}
