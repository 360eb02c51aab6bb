// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import Testing

@Suite struct StepCacheTests {
    private static func cache(steps: Int, bytes: Int, limit: Int) -> StepCache {
        var cache = StepCache(byteLimit: limit)
        for number in 1...steps {
            cache.append([UInt8](repeating: UInt8(number), count: bytes), to: ModelVersion(number))
        }
        return cache
    }

    @Test func aWorkerGetsTheStepsThatItMissed() {
        let cache = Self.cache(steps: 5, bytes: 3, limit: 100)
        func numbers(_ held: Int, _ version: Int = 5, wholeBytes: Int = 100) -> [UInt8]? {
            cache.chain(from: ModelVersion(held), to: ModelVersion(version), wholeBytes: wholeBytes)?.map { $0[0] }
        }
        #expect(numbers(5) == [])
        #expect(numbers(4) == [5])
        #expect(numbers(2) == [3, 4, 5])
        #expect(numbers(0) == [1, 2, 3, 4, 5])
        #expect(numbers(-1) == nil)
        #expect(numbers(.min) == nil && numbers(.max) == nil, "a worker may claim anything")
        #expect(numbers(6) == nil, "nobody is ahead of the coordinator")
        #expect(numbers(3, 4) == nil, "the newest step leads elsewhere")
        #expect(numbers(4, 4) == [])
        #expect(numbers(3, wholeBytes: 6) == nil, "a whole model is not larger")
        #expect(numbers(3, wholeBytes: 7) == [4, 5])
    }

    @Test func oldStepsMakeRoom() {
        let cache = Self.cache(steps: 50, bytes: 10, limit: 35)
        #expect(cache.chain(from: ModelVersion(47), to: ModelVersion(50), wholeBytes: 35)?.count == 3)
        #expect(cache.chain(from: ModelVersion(46), to: ModelVersion(50), wholeBytes: 35) == nil)
        let large = Self.cache(steps: 3, bytes: 40, limit: 35)
        #expect(large.chain(from: ModelVersion(2), to: ModelVersion(3), wholeBytes: 35) == nil)
    }

    @Test func aGapBeginsAnew() {
        var cache = Self.cache(steps: 3, bytes: 1, limit: 100)
        cache.append([9], to: ModelVersion(7))
        #expect(cache.chain(from: ModelVersion(6), to: ModelVersion(7), wholeBytes: 100)?.map { $0[0] } == [9])
        #expect(cache.chain(from: ModelVersion(3), to: ModelVersion(7), wholeBytes: 100) == nil)
        #expect(cache.chain(from: ModelVersion(2), to: ModelVersion(7), wholeBytes: 100) == nil)
    }
}
