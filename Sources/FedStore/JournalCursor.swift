// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
internal import Synchronization

/// Reads a journal's updates one after the other; holds one at a time.
public final class JournalCursor: Sendable {
    /// What reading at a position gives: the update there and the next position, or nil at the end.
    package typealias Step = @Sendable (_ position: Int) async throws(StoreError) -> (update: ClientUpdate, next: Int)?

    private let position: Mutex<Int>
    private let step: Step

    package init(start: Int, step: @escaping Step) {
        position = Mutex(start)
        self.step = step
    }

    /// The next update, or nil after the last; not to be called by two tasks at a time.
    ///
    /// Throws `StoreError.corrupt` for a damaged record, `.limitExceeded` for one that is larger than the limits allow.
    public func next() async throws(StoreError) -> ClientUpdate? {
        guard let (update, next) = try await step(position.withLock { $0 }) else { return nil }
        position.withLock { $0 = next }
        return update
    }
}
