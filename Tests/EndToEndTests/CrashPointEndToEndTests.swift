// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Foundation
import Testing

/// A coordinator that is killed at any point of its work on the disk goes on where it was, with workers that were never
/// restarted, and makes the same model.
@Suite(.serialized, .timeLimit(.minutes(10))) struct CrashPointEndToEndTests {
    /// The server's optimiser and the downlink both have state that must travel with the model.
    @Test func everyPointOfARunWithAnOptimizerAndAResidual() async throws {
        let walk = try await CrashWalk(overrides: [
            "strategy.optimizer={name: yogi, learningRate: 0.05}", "downlink={codec: stc, density: 0.1}",
            "uplink={codec: stc, density: 0.1}",
        ])
        let (reference, points) = try await walk.undisturbed()
        #expect(reference.complaint == nil && reference.model != nil, "\(reference.output)")
        // The run as a person sees it: created, running, two rounds planned and committed, finished.
        for name in ["run created", "run running", "round 1 planned", "round 2 committed", "run finished"] {
            for moment in ["before", "torn", "after"] { #expect(points.contains("commit \(name) 1 \(moment)")) }
        }
        #expect(points.contains("write digits-ternary-1/report.json.tmp 1 torn"))
        #expect(points.contains("rename checkpoints/000002.safetensors 1 before"))
        #expect(points.contains { $0.hasPrefix("remove journal/000001.journal") })
        #expect(points.count == Set(points).count)
        try await expect(walk.walk(points), toMake: reference.model)
    }

    /// Scales that workers agreed on are on the disk before they are told.
    @Test func pointsAroundSharedScales() async throws {
        let walk = try await CrashWalk(overrides: [
            "strategy.weighting=uniform", "strategy.optimizer={name: adam, learningRate: 0.05}",
            "uplink={codec: ternary, scales: shared}", "downlink={codec: ternary-sum}",
        ])
        let (reference, points) = try await walk.undisturbed()
        #expect(reference.complaint == nil && reference.model != nil, "\(reference.output)")
        let around = points.filter { $0.contains("shared-scales.json") || $0.contains("commit round") }
        #expect(around.count { $0.contains("shared-scales.json") } >= 14, "\(points)")
        try await expect(walk.walk(around), toMake: reference.model)
    }

    private func expect(
        _ outcomes: [CrashWalk.Outcome], toMake model: String?, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for outcome in outcomes {
            let point = outcome.point ?? ""
            let complaint = outcome.complaint ?? (outcome.model == model ? nil : "another model")
            if let complaint {
                Issue.record("killed at: \(point): \(complaint)\n\(outcome.output)", sourceLocation: sourceLocation)
            }
            // Two updates that arrive together are written together: only how often a journal is written may differ.
            #expect(
                outcome.wasKilled || point.contains(".journal "), "never reached: \(point)",
                sourceLocation: sourceLocation)
        }
    }
}
