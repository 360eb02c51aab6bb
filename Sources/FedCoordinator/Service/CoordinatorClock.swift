// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Time as the coordinator sees it, so that tests can replace it.
public struct CoordinatorClock: Sendable {
    /// Seconds on a clock that never goes back.
    public var now: @Sendable () -> Double
    /// Suspends for so many seconds; throws `CancellationError` when the task is cancelled.
    public var sleep: @Sendable (Double) async throws -> Void

    /// A clock made of two closures.
    public init(now: @escaping @Sendable () -> Double, sleep: @escaping @Sendable (Double) async throws -> Void) {
        self.now = now
        self.sleep = sleep
    }

    /// The system's monotonic clock.
    public static let continuous: CoordinatorClock = {
        let start = ContinuousClock.now
        return CoordinatorClock(
            now: { (ContinuousClock.now - start) / .seconds(1) },
            sleep: { seconds in
                // The system keeps a timer until it fires, even if nobody waits for it any more: short ones leave nothing behind.
                let end = ContinuousClock.now + .seconds(seconds)
                while true {
                    let rest = end - .now
                    try await Task.sleep(for: min(rest, .seconds(1)))
                    if rest <= .seconds(1) { return }
                }
            })
    }()
}
