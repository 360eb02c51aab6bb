// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import Testing

/// What a report says of workers' own models.
@Suite struct PersonalReportTests {
    private static func result(_ accuracy: Double, robust: Double? = nil) -> Evaluation {
        Evaluation(accuracy: accuracy, loss: 1, robustAccuracy: robust)
    }

    @Test func domainsAreTakenTogetherAndApart() throws {
        let personal = try #require(
            RunReport.Personal(of: [
                (Self.result(0.5, robust: 0.25), "a"), (Self.result(1, robust: 0.5), "b"),
                (Self.result(0.75, robust: 0), "a"), (Self.result(0.25), nil),
            ]))
        #expect(personal.workers == 4 && personal.accuracy == 0.625 && personal.lowestAccuracy == 0.25)
        #expect(personal.robustAccuracy == 0.25)
        let domains = try #require(personal.domains)
        #expect(Set(domains.keys) == ["a", "b"])
        #expect(domains["a"]?.workers == 2 && domains["a"]?.accuracy == 0.625 && domains["a"]?.robustAccuracy == 0.125)
        #expect(domains["a"]?.lowestAccuracy == 0.5 && domains["b"]?.accuracy == 1 && domains["b"]?.domains == nil)
    }

    @Test func whereThereAreNoneThereIsNothing() {
        #expect(RunReport.Personal(of: []) == nil)
        #expect(RunReport.Personal(of: [(Self.result(1), nil)])?.domains == nil)
    }
}
