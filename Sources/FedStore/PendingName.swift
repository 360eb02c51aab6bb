// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Dispatch
internal import Synchronization

/// The name of a new file on its way to the disk, while other work goes on.
final class PendingName: Sendable {
    private let queue: DispatchQueue
    private let result = Mutex<Result<Void, StoreError>>(.success(()))

    /// Starts `synchronize` on a serial queue.
    init(on queue: BlockingQueue, _ synchronize: @escaping @Sendable () throws(StoreError) -> Void) {
        self.queue = queue.queue
        queue.queue.async {
            do throws(StoreError) {
                try synchronize()
            } catch {
                self.result.withLock { $0 = .failure(error) }
            }
        }
    }

    /// Waits until it is known whether the name is durable; not to be called on the queue itself.
    func wait() -> Result<Void, StoreError> {
        queue.sync {}
        return result.withLock { $0 }
    }
}
