// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedStore

extension RunRecords {
    /// What is known of the room on the disk, and whom to tell.
    struct Room: Sendable {
        /// How often the disk was found full.
        var shortages = 0
        /// How many calls wait for room.
        var waiting = 0
        /// Seconds between attempts.
        var interval = 1.0
        var clock = CoordinatorClock.continuous
        var observe: @Sendable (CoordinatorEvent) -> Void = { _ in }
    }

    /// How often the disk was found full, so that nobody is blamed for what came too late because of it.
    var shortages: Int { room.shortages }

    /// Tells `observe` of a full disk from now on, and waits by `clock`.
    func report(to observe: @escaping @Sendable (CoordinatorEvent) -> Void, clock: CoordinatorClock, interval: Double) {
        room.observe = observe
        room.clock = clock
        room.interval = interval
    }

    /// The same for work on the disk beside these records.
    func withRoom<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        try await whenThereIsRoom(body)
    }

    /// Does what needs the disk; as long as there is no room for it, waits and tries again.
    ///
    /// A store that throws `StoreError.diskFull` is as it was before. Throws whatever else `body` throws, and
    /// `CancellationError`.
    func whenThereIsRoom<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        var isWaiting = false
        defer { if isWaiting { room.waiting -= 1 } }
        while true {
            do {
                let result = try await body()
                if isWaiting, room.waiting == 1 { room.observe(.diskHasRoom) }
                return result
            } catch {
                guard let full = error as? StoreError, full == StoreError(.diskFull, "") else { throw error }
                room.shortages += 1
                if !isWaiting {
                    isWaiting = true
                    room.waiting += 1
                    if room.waiting == 1 { room.observe(.diskFull(full.description)) }
                }
            }
            try await room.clock.sleep(room.interval)
        }
    }
}
