// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Synchronization

/// A number of bytes that transfers of all connections share; whoever comes first is served first.
///
/// A transfer takes its window from here before it grants it to the sender, and gives it back at its end.
public final class TransferBudget: Sendable {
    private struct Waiter {
        let id: UInt64
        let byteCount: Int
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var available: Int
        var nextID: UInt64 = 0
        var waiters: [Waiter] = []
    }

    /// All of it.
    public let byteCount: Int
    private let state: Mutex<State>

    /// A budget of at least 64 KiB.
    public init(byteCount: Int) {
        precondition(byteCount >= 64 << 10, "a budget holds at least one initial window")
        self.byteCount = byteCount
        state = Mutex(State(available: byteCount))
    }

    /// What nobody holds.
    package var available: Int { state.withLock { $0.available } }
    /// How many transfers wait for their turn.
    package var waiting: Int { state.withLock { $0.waiters.count } }

    /// Waits for its turn and takes `wanted` bytes, or all if the budget is smaller; returns what was taken.
    ///
    /// Returns nil when the task is cancelled; nothing is taken then.
    package func take(_ wanted: Int) async -> Int? {
        let byteCount = min(wanted, self.byteCount)
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let taken = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    // Cancellation marks the task before it calls the handler, which then finds the waiter.
                    if Task.isCancelled { return false }
                    if state.waiters.isEmpty, state.available >= byteCount {
                        state.available -= byteCount
                        return true
                    }
                    state.waiters.append(Waiter(id: id, byteCount: byteCount, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let (waiter, served) = state.withLock { state in
                guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
                    return (Waiter?.none, [Waiter]())
                }
                let waiter = state.waiters.remove(at: index)
                return (waiter, Self.serve(&state))
            }
            waiter?.continuation.resume(returning: false)
            for waiter in served { waiter.continuation.resume(returning: true) }
        }
        return taken ? byteCount : nil
    }

    /// Gives back what `take` returned.
    package func giveBack(_ byteCount: Int) {
        let served = state.withLock { state in
            state.available += byteCount
            return Self.serve(&state)
        }
        for waiter in served { waiter.continuation.resume(returning: true) }
    }

    /// Takes from the front of the queue what there is room for.
    private static func serve(_ state: inout State) -> [Waiter] {
        var served: [Waiter] = []
        while let first = state.waiters.first, first.byteCount <= state.available {
            state.available -= first.byteCount
            served.append(state.waiters.removeFirst())
        }
        return served
    }
}
