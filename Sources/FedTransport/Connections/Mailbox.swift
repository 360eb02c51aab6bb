// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Synchronization

/// A queue between tasks: anybody posts without waiting, one consumer waits.
///
/// Each element has a weight, so that whoever posts can see how much waits.
package final class Mailbox<Element: Sendable, Failure: Error>: Sendable {
    private typealias Waiter = CheckedContinuation<Result<Element?, Failure>, Never>

    private struct State {
        var queue: [(element: Element, weight: Int)] = []
        var first = 0
        var weight = 0
        var waiter: Waiter?
        var end: Result<Void, Failure>?

        mutating func popFirst() -> Element? {
            guard first < queue.count else { return nil }
            let (element, elementWeight) = queue[first]
            first += 1
            weight -= elementWeight
            if first == queue.count {
                queue.removeAll(keepingCapacity: queue.capacity <= 64)
                first = 0
            } else if first >= 64, first * 2 >= queue.count {
                queue.removeFirst(first)
                first = 0
            }
            return element
        }
    }

    private let state = Mutex(State())

    package init() {}

    /// Appends `element`, or puts it in the place of the newest waiting element when `replaces` says so.
    ///
    /// Returns the weight of all that waits; nil after the end, when nothing is appended.
    @discardableResult
    package func post(_ element: Element, weight: Int = 0, replaces: (Element) -> Bool = { _ in false }) -> Int? {
        let (waiter, total): (Waiter?, Int?) = state.withLock { state in
            guard state.end == nil else { return (nil, nil) }
            if let waiter = state.waiter {
                state.waiter = nil
                return (waiter, 0)
            }
            if state.first < state.queue.count, let last = state.queue.last, replaces(last.element) {
                state.weight += weight - last.weight
                state.queue[state.queue.count - 1] = (element, weight)
            } else {
                state.weight += weight
                state.queue.append((element, weight))
            }
            return (nil, state.weight)
        }
        waiter?.resume(returning: .success(element))
        return total
    }

    /// Ends the queue behind what waits in it; only the first end counts.
    func finish() { end(.success(()), discarding: false) }

    /// Ends the queue with an error, behind what waits in it unless that is discarded; only the first end counts.
    func fail(_ error: Failure, discarding: Bool) { end(.failure(error), discarding: discarding) }

    /// Drops what waits.
    func clear() {
        let dropped = state.withLock { state in
            let dropped = state.queue
            state.queue = []
            state.first = 0
            state.weight = 0
            return dropped
        }
        withExtendedLifetime(dropped) {}
    }

    /// The next element; nil after the end, or when the task is cancelled. For one consumer.
    package func next() async throws(Failure) -> Element? {
        let result: Result<Element?, Failure> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Result<Element?, Failure>? = state.withLock { state in
                    precondition(state.waiter == nil, "only one task may wait at a time")
                    if let element = state.popFirst() { return .success(element) }
                    switch state.end {
                    case .success: return .success(nil)
                    case .failure(let error): return .failure(error)
                    case nil: break
                    }
                    // Cancellation marks the task before it calls the handler, which then finds the waiter.
                    if Task.isCancelled { return .success(nil) }
                    state.waiter = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume(returning: .success(nil))
        }
        return try result.get()
    }

    /// What waits now, without waiting.
    package func drain() -> [Element] {
        state.withLock { state in
            var elements: [Element] = []
            while let element = state.popFirst() { elements.append(element) }
            return elements
        }
    }

    private func end(_ end: Result<Void, Failure>, discarding: Bool) {
        let (waiter, dropped) = state.withLock { state in
            guard state.end == nil else { return (Waiter?.none, [(element: Element, weight: Int)]()) }
            state.end = end
            var dropped: [(element: Element, weight: Int)] = []
            if discarding {
                swap(&dropped, &state.queue)
                state.first = 0
                state.weight = 0
            }
            defer { state.waiter = nil }
            return (state.waiter, dropped)
        }
        // Elements are released outside of the lock: their deinitialisers may come back here.
        withExtendedLifetime(dropped) {}
        waiter?.resume(returning: end.map { nil })
    }
}

/// Messages on their way to the consumer of a connection.
typealias MessageInbox = Mailbox<InboundMessage, TransportError>
