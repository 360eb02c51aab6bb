// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What happens when, on a virtual clock: the earliest first, and of several at one instant the one that was added first.
struct EventQueue {
    private struct Entry {
        let time: Double
        let order: UInt64
        let action: () -> Void

        func comesBefore(_ other: Entry) -> Bool { (time, order) < (other.time, other.order) }
    }

    private var heap: [Entry] = []
    private var added: UInt64 = 0

    /// Adds what happens at an instant.
    mutating func add(at time: Double, _ action: @escaping () -> Void) {
        added += 1
        heap.append(Entry(time: time, order: added, action: action))
        var index = heap.count - 1
        while index > 0, heap[index].comesBefore(heap[(index - 1) / 2]) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Takes out what happens next; nil if nothing does any more.
    mutating func next() -> (time: Double, action: () -> Void)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (first.time, first.action)
    }

    private mutating func sink() {
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count {
                if heap[child].comesBefore(heap[least]) { least = child }
            }
            guard least != index else { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
