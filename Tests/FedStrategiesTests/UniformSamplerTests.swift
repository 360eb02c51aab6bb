// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStrategies
import Testing

@Suite struct UniformSamplerTests {
    private func workers(_ count: Int) throws -> [WorkerID] {
        try (0..<count).map { try WorkerID("w\($0)") }.sorted()
    }

    @Test(arguments: [
        (1.0, 1, 1), (1, 7, 7), (0.1, 1, 1), (0.1, 4, 1), (0.1, 14, 1), (0.1, 15, 2), (0.1, 100, 10), (0.5, 3, 2),
        (0.5, 5, 3), (0.25, 10, 3), (0.001, 100, 1), (0.999, 3, 3), (.leastNonzeroMagnitude, 9, 1),
    ]) func cohortsHaveTheRightSize(_ fraction: Double, _ available: Int, _ size: Int) throws {
        let sampler = UniformSampler(fraction: fraction)
        #expect(sampler.cohortSize(available: available) == size)
        let available = try workers(available)
        for key in UInt64(0)..<20 {
            let cohort = sampler.cohort(from: available, generator: SeededGenerator(key: key))
            #expect(cohort.count == size)
            #expect(Set(cohort).count == size)
            #expect(cohort == cohort.sorted())
            #expect(Set(cohort).isSubset(of: available))
        }
    }

    @Test func sameGeneratorSameCohort() throws {
        let sampler = UniformSampler(fraction: 0.3)
        let available = try workers(50)
        var generator = SeededGenerator(key: 1)
        let first = sampler.cohort(from: available, generator: generator)
        #expect(sampler.cohort(from: available, generator: generator) == first)
        _ = generator.next()
        let others = (2..<10).map { sampler.cohort(from: available, generator: SeededGenerator(key: $0)) }
        #expect(others.allSatisfy { $0 != first })
    }

    /// The cohort is what a shuffle of all workers that is broken off would leave in front.
    @Test func choosesAsAShuffleWould() throws {
        let available = try workers(40)
        for key in UInt64(0)..<200 {
            var generator = SeededGenerator(key: key)
            var order = available
            for index in 0..<24 { order.swapAt(index, index + generator.nextIndex(below: 40 - index)) }
            let cohort = UniformSampler(fraction: 0.6).cohort(from: available, generator: SeededGenerator(key: key))
            #expect(cohort == order.prefix(24).sorted())
        }
    }

    @Test func everySetIsEquallyLikely() throws {
        let sampler = UniformSampler(fraction: 0.4)
        let available = try workers(5)
        var counts: [[WorkerID]: Int] = [:]
        for key in UInt64(0)..<10_000 {
            counts[sampler.cohort(from: available, generator: SeededGenerator(key: key)), default: 0] += 1
        }
        // Ten pairs, five standard deviations of a binomial count of mean 1,000.
        #expect(counts.count == 10)
        #expect(counts.values.allSatisfy { abs($0 - 1000) <= 150 })
    }
}

extension UniformSampler {
    /// A cohort of the size that is wanted.
    fileprivate func cohort(from workers: [WorkerID], generator: SeededGenerator) -> [WorkerID] {
        cohort(of: cohortSize(available: workers.count), from: workers, generator: generator)
    }
}
