// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Synchronization

/// The places for connections of a server.
///
/// Who has not completed the handshake gives up its place to a newcomer when there is no other, the oldest first: so silent
/// strangers cannot keep others out, who need their place for milliseconds until the handshake is done.
final class ConnectionPlaces: Sendable {
    /// A place that was taken.
    struct Place: Sendable {
        fileprivate let number: UInt64
    }

    private struct State {
        var taken: Set<UInt64> = []
        var last: UInt64 = 0
        /// How to close those whose handshake is under way.
        var pending: [UInt64: @Sendable () -> Void] = [:]
        /// No pending place has a smaller number.
        var oldest: UInt64 = 1
        /// Those that were closed for others and are not gone yet.
        var evicted: Set<UInt64> = []
    }

    /// No more connections than that are on their way out when another takes their place.
    static let maximumEvictions = 32

    private let count: Int
    private let state = Mutex(State())

    init(count: Int) {
        precondition(count > 0, "a server has places")
        self.count = count
    }

    /// Takes a place for a connection that `close` closes if it has to make room; nil when there is none.
    func take(close: @escaping @Sendable () -> Void) -> Place? {
        let (place, closeOldest) = state.withLock { state -> (Place?, (@Sendable () -> Void)?) in
            var closeOldest: (@Sendable () -> Void)?
            if state.taken.count == count {
                guard !state.pending.isEmpty, state.evicted.count < Self.maximumEvictions else { return (nil, nil) }
                while closeOldest == nil {
                    closeOldest = state.pending.removeValue(forKey: state.oldest)
                    if closeOldest != nil {
                        state.taken.remove(state.oldest)
                        state.evicted.insert(state.oldest)
                    }
                    state.oldest += 1
                }
            }
            state.last += 1
            state.taken.insert(state.last)
            state.pending[state.last] = close
            return (Place(number: state.last), closeOldest)
        }
        closeOldest?()
        return place
    }

    /// The handshake is done: the place is kept until it is given back.
    func keep(_ place: Place) { state.withLock { _ = $0.pending.removeValue(forKey: place.number) } }

    /// Gives a place back; false if it had to be given to somebody else before.
    @discardableResult
    func giveBack(_ place: Place) -> Bool {
        state.withLock { state in
            state.pending[place.number] = nil
            state.taken.remove(place.number)
            return state.evicted.remove(place.number) == nil
        }
    }
}
