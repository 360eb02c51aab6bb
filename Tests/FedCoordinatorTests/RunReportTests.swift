// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedStore
import Testing

@Suite struct RunReportTests {
    @Test(arguments: [(Double.nan, nil), (.infinity, nil), (0.5, 0.5)] as [(Double, Double?)])
    func aModelThatDivergedCanBeReported(_ loss: Double, _ expected: Double?) throws {
        let record = RoundRecord(
            round: RoundID(1), version: ModelVersion(1), participants: [], accepted: [],
            evaluation: Evaluation(accuracy: 0.25, loss: loss), uplinkBytes: 0, downlinkBytes: 0, modelsSent: 0,
            seconds: 1, modelSHA256: "")
        let report = RunReport(
            run: try RunID("run"), config: try CoordinatorTests.config(workers: 1), parameters: 4, rounds: [record],
            modelSHA256: "", modelPath: "", peakResidentBytes: 0)
        #expect(report.final.loss == expected && report.rounds.map(\.loss) == [expected])
        #expect(report.final.accuracy == 0.25)
        _ = try report.json()
    }
}
