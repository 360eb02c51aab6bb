// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import Foundation

/// A worker that takes no part until somebody releases it.
public struct StoredQuarantine: Hashable, Sendable {
    /// The worker.
    public var worker: WorkerID
    /// Since when.
    public var since: Date
    /// Why, for people.
    public var reason: String

    package init(worker: WorkerID, since: Date, reason: String) {
        self.worker = worker
        self.since = since
        self.reason = reason
    }
}
