// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import FedStore

extension AcceptedUpdate {
    /// What remains of an update once its payload is stored and added.
    init(_ update: ClientUpdate, weight: Int64, payloadSHA256: String) {
        self.init(
            worker: update.worker, exampleCount: update.exampleCount, weight: weight,
            payloadBytes: update.payload.count, payloadSHA256: payloadSHA256, metrics: update.metrics,
            bases: update.scope.bases, width: update.scope.width, statistics: update.statistics)
    }
}
