// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import Testing

@Suite struct StopwatchTests {
    @Test(arguments: [1e-9, 1e-6, 1e-3, 0.019, 0.02, 5]) func tellsWhatOneRunTakes(_ cost: Double) {
        var (runs, reads) = (0, 0)
        let watch = Stopwatch(seconds: 0.02) {
            reads += 1
            return Double(runs) * cost
        }
        let seconds = try? watch.time { runs += 1 }
        #expect(abs((seconds ?? 0) / cost - 1) < 1e-6)
        #expect(reads <= 16)
        #expect(Double(runs) * cost >= min(0.02, 1e-3) && Double(runs) <= max(1, 0.1 / cost))
    }

    @Test func endsThoughTheClockStandsStill() throws {
        var runs = 0
        let watch = Stopwatch(seconds: 0.02) { 7 }
        #expect(try watch.time { runs += 1 } == 0)
        #expect(runs < 1 << 22)
    }

    @Test func passesErrorsOn() {
        let watch = Stopwatch(seconds: 1) { 0 }
        #expect(throws: CodecError(.truncated, "")) {
            try watch.time { () throws(CodecError) in throw CodecError(.truncated, "it is") }
        }
    }
}
