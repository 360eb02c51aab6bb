// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedWire

/// How both kinds of ends treat a connection.
public struct ConnectionConfiguration: Sendable {
    /// Time between heartbeats until `setHeartbeatInterval` changes it; silence of more than three intervals ends the
    /// connection.
    public var heartbeatInterval: Duration
    /// What a heartbeat says; called once an interval, must not block.
    public var heartbeat: @Sendable () -> Heartbeat
    /// How many bytes of a transfer the peer may have under way once somebody consumes it; at least 64 KiB.
    public var window: Int
    /// Bounds the windows of all connections that share it.
    public var budget: TransferBudget
    /// How many heartbeat intervals a transfer may go without a byte while the sender has permission to send.
    public var stalledIntervals: Int
    /// What measures the intervals.
    public var clock: any Clock<Duration>

    /// A configuration with every default visible.
    public init(
        heartbeatInterval: Duration = .seconds(10), heartbeat: @escaping @Sendable () -> Heartbeat = { Heartbeat() },
        window: Int = 2 << 20, budget: TransferBudget = TransferBudget(byteCount: 256 << 20),
        stalledIntervals: Int = 6, clock: any Clock<Duration> = ContinuousClock()
    ) {
        precondition(heartbeatInterval > .zero, "the heartbeat interval is positive")
        precondition(window >= FrameLimits.initialCredit, "a window is at least the initial credit")
        self.heartbeatInterval = heartbeatInterval
        self.heartbeat = heartbeat
        self.window = window
        self.budget = budget
        self.stalledIntervals = stalledIntervals
        self.clock = clock
    }
}
