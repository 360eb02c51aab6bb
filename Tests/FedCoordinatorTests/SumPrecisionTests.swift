// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedStrategies
import Foundation
import Testing

/// How exact the sums of a round are, and what is said of it.
@Suite(.timeLimit(.minutes(2))) struct SumPrecisionTests {
    private static func config(
        late: LatePolicy = .refuse, examples: Int = 1_000_000, weighting: Weighting = .examples, workers: Int = 2
    ) throws -> RunConfig {
        var config = try CoordinatorTests.config(workers: workers)
        config.cohort.late = late
        config.limits.examplesPerWorker = examples
        config.strategy.weighting = weighting
        return config
    }

    private static func told(_ events: [CoordinatorEvent]) -> [[Int]] {
        events.compactMap {
            guard case .coarseSums(let bits, let updates, let examples) = $0 else { return nil }
            return [bits, updates, examples]
        }
    }

    @Test func theBoundDecidesHowManyBitsAreLeft() throws {
        #expect(try Self.config().fractionBits(ofSumsOf: 1000) == 22)
        #expect(try Self.config().fractionBits(ofSumsOf: 10_000) == 18)
        #expect(try Self.config(late: .fold).fractionBits(ofSumsOf: 1073) == 16)
        #expect(try Self.config(weighting: .uniform).fractionBits(ofSumsOf: 1_000_000) == 32)
        var median = try Self.config()
        median.strategy = StrategySpec(aggregator: AggregatorSpec(name: .median))
        #expect(try median.fractionBits(ofSumsOf: 1_000_000) == nil)
    }

    /// What the sentence says to do is enough, and no less is.
    @Test(arguments: [(LatePolicy.fold, 1074), (.refuse, 68_720), (.refuse, 1_000_000)])
    func whatDoesNotFitSaysWhatDoes(_ late: LatePolicy, _ updates: Int) throws {
        var config = try Self.config(late: late)
        let error = #expect(throws: CoordinatorError(.tooManyExamples, "")) {
            try config.fractionBits(ofSumsOf: updates)
        }
        let most = config.examplesPerWorker(leaving: 16, ofSumsOf: updates)
        #expect(error?.message.contains("set it to \(most) or less") == true)
        config.limits.examplesPerWorker = most
        #expect(try config.fractionBits(ofSumsOf: updates) == 16)
        config.limits.examplesPerWorker = most + 1
        #expect(throws: CoordinatorError(.tooManyExamples, "")) { try config.fractionBits(ofSumsOf: updates) }
    }

    @Test(arguments: [(10_000_000, 1), (1_000_000, 0)])
    func fewBitsAreSaidOnce(_ examples: Int, _ times: Int) async throws {
        let federation = try await CoordinatorTests.federation(Self.config(late: .fold, examples: examples))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let (report, _) = try await CoordinatorTests.run(
            federation, [try StepDownlinkTests.worker("a"), try StepDownlinkTests.worker("b")])
        #expect(report.rounds.count == 2)
        let expected = Array(repeating: [21, 2, (1 << 30) / 128], count: times)
        #expect(Self.told(federation.events.all) == expected)
    }
}
