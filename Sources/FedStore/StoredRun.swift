// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import Foundation

/// What is known of a run.
public struct StoredRun: Hashable, Sendable {
    /// The run.
    public var id: RunID
    /// What people call it.
    public var name: String
    /// The seed that its numbers follow from.
    public var seed: UInt64
    /// Where it stands.
    public var state: RunState
    /// The configuration as its author wrote it.
    public var configuration: String
    /// When it was recorded.
    public var created: Date
    /// When it first ran.
    public var started: Date?
    /// When it reached a final state.
    public var ended: Date?
    /// Why it failed.
    public var failure: String?
    /// `ModelDigest` of the newest committed model.
    public var modelSHA256: String?

    package init(_ run: NewRun, created: Date) {
        id = run.id
        name = run.name
        seed = run.seed
        state = .created
        configuration = run.configuration
        self.created = created
    }

    package init(
        id: RunID, name: String, seed: UInt64, state: RunState, configuration: String, created: Date, started: Date?,
        ended: Date?, failure: String?, modelSHA256: String?
    ) {
        self.id = id
        self.name = name
        self.seed = seed
        self.state = state
        self.configuration = configuration
        self.created = created
        self.started = started
        self.ended = ended
        self.failure = failure
        self.modelSHA256 = modelSHA256
    }

    /// Moves on, or throws `StoreError.illegalTransition`.
    mutating func advance(to next: RunState, failure: String?, now: Date) throws(StoreError) {
        guard state.canBecome(next) else {
            throw StoreError(.illegalTransition, "run \(id) is \(state.rawValue) and cannot become \(next.rawValue)")
        }
        state = next
        if next == .running, started == nil { started = now }
        if next.isFinal { ended = now }
        if next == .failed { self.failure = failure }
    }

    /// Throws `StoreError.illegalTransition` unless rounds may be begun and closed.
    func checkRunning() throws(StoreError) {
        guard state == .running else {
            throw StoreError(.illegalTransition, "run \(id) is \(state.rawValue): rounds need a running run")
        }
    }
}
