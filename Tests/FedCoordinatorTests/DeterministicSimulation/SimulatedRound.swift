// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedStrategies

/// What a simulated coordinator holds of an open round, as the real one's `OpenRound` does.
final class SimulatedRound {
    let attempt: Int
    var engine: RoundEngine
    var aggregation: any Aggregation
    var ledger: RoundLedger
    var isOver = false
    /// When the engine is woken.
    var alarms: [Double] = []

    init(attempt: Int, engine: consuming RoundEngine, aggregation: any Aggregation, ledger: RoundLedger) {
        self.attempt = attempt
        self.engine = engine
        self.aggregation = aggregation
        self.ledger = ledger
    }
}
