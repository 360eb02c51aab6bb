// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedWorker
import Testing

@Suite struct AdversarialBudgetTests {
    /// Standard training that takes a second would take eight: half of the round's time has to be enough.
    @Test(arguments: [(15.9, false), (16, true), (100, true)])
    func itBeginsWhereHalfOfTheTimeIsEnough(_ deadline: Double, _ expected: Bool) {
        let found = AdversarialBudget.measured.isAdversarial(
            after: 1, wasAdversarial: false, cost: 8, deadlineSeconds: deadline)
        #expect(found == expected)
    }

    /// It does not change its mind for every second.
    @Test(arguments: [(10.6, false), (10.7, true), (15, true)])
    func itEndsWhereThreeQuartersAreNotEnough(_ deadline: Double, _ expected: Bool) {
        let found = AdversarialBudget.measured.isAdversarial(
            after: 8, wasAdversarial: true, cost: 8, deadlineSeconds: deadline)
        #expect(found == expected)
    }

    @Test func otherwiseNothingIsMeasured() {
        for seconds in [0.0, 1e9] {
            #expect(
                AdversarialBudget.always.isAdversarial(
                    after: seconds, wasAdversarial: false, cost: 8, deadlineSeconds: 1))
            #expect(
                !AdversarialBudget.never.isAdversarial(
                    after: seconds, wasAdversarial: true, cost: 8, deadlineSeconds: 1))
        }
    }
}
