// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import Testing

/// Factors of the learning rate, worked out by hand.
@Suite struct ScheduleSpecTests {
    private func scales(_ schedule: ScheduleSpec, _ rounds: Int) -> [Float] {
        (0..<rounds).map { schedule.scale($0, of: rounds) }
    }

    @Test func constantStays() {
        #expect(scales(ScheduleSpec(), 4) == [1, 1, 1, 1])
        #expect(scales(ScheduleSpec(warmup: 4), 6) == [0.25, 0.5, 0.75, 1, 1, 1])
    }

    @Test func cosineIsExact() {
        // (1 + cos πx) / 2 at 0, 1/4, 1/2, 3/4, and at thirds.
        #expect(scales(ScheduleSpec(.cosine(minimum: 0)), 4) == [1, 0.85355339059, 0.5, 0.14644660941])
        #expect(scales(ScheduleSpec(.cosine(minimum: 0)), 3) == [1, 0.75, 0.25])
        #expect(scales(ScheduleSpec(.cosine(minimum: 0.5)), 3) == [1, 0.875, 0.625])
        #expect(scales(ScheduleSpec(.cosine(minimum: 0), warmup: 2), 5) == [0.5, 1, 1, 0.75, 0.25])
    }

    @Test func multiStepFallsAtTheMilestones() {
        #expect(scales(ScheduleSpec(.multiStep(milestones: [1, 3], factor: 0.5)), 5) == [1, 0.5, 0.5, 0.25, 0.25])
        #expect(
            scales(ScheduleSpec(.multiStep(milestones: [1, 9], factor: 0.5), warmup: 2), 4) == [0.5, 0.5, 0.5, 0.5])
    }

    @Test func polynomialIsExact() {
        #expect(scales(ScheduleSpec(.polynomial(power: 1, end: 0)), 4) == [1, 0.75, 0.5, 0.25])
        #expect(scales(ScheduleSpec(.polynomial(power: 2, end: 0)), 4) == [1, 0.5625, 0.25, 0.0625])
        #expect(scales(ScheduleSpec(.polynomial(power: 0.5, end: 0)), 4) == [1, 0.86602540378, 0.70710678119, 0.5])
        #expect(scales(ScheduleSpec(.polynomial(power: 2, end: 0.5)), 2) == [1, 0.625])
        #expect(scales(ScheduleSpec(.polynomial(power: 1, end: 0), warmup: 2), 4) == [0.5, 1, 1, 0.5])
    }

    @Test(
        arguments: [
            .constant, .cosine(minimum: 0.01), .multiStep(milestones: [3, 50], factor: 0.1),
            .polynomial(power: 0.9, end: 0),
        ] as [ScheduleSpec.Shape])
    func factorsAreSharesThatFallAfterTheWarmUp(_ shape: ScheduleSpec.Shape) {
        for rounds in 1...60 {
            for warmup in [0, 1, 5, rounds, 2 * rounds] {
                let scales = scales(ScheduleSpec(shape, warmup: warmup), rounds)
                #expect(scales.allSatisfy { $0 > 0 && $0 <= 1 })
                let falling = scales.dropFirst(min(warmup, rounds))
                #expect(zip(falling, falling.dropFirst()).allSatisfy { $0 >= $1 })
                #expect(scales[rounds - 1] == ScheduleSpec(shape, warmup: warmup).scale(rounds + 7, of: rounds))
            }
        }
    }
}
