// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The versions of the protocol that one end speaks, both ends of the range inclusive.
public struct ProtocolVersionRange: Hashable, Sendable, CustomStringConvertible {
    /// What this library speaks.
    public static let supported = ProtocolVersionRange(1...1)

    /// At least 1.
    public let minimum: Int
    /// At least `minimum`.
    public let maximum: Int

    /// A range of versions, from 1 up.
    public init(_ range: ClosedRange<Int>) {
        precondition(range.lowerBound >= 1 && range.upperBound <= Int(UInt32.max), "versions are counted from 1")
        minimum = range.lowerBound
        maximum = range.upperBound
    }

    /// `1` or `1 to 3`.
    public var description: String { minimum == maximum ? "\(minimum)" : "\(minimum) to \(maximum)" }

    /// The highest version in both ranges; nil when they have none in common.
    public func highestCommon(with other: ProtocolVersionRange) -> Int? {
        let highest = min(maximum, other.maximum)
        return highest >= max(minimum, other.minimum) ? highest : nil
    }

    /// The version to speak with a peer of this range, or what to tell a peer that has no version in common.
    ///
    /// Throws `PeerError` with code `version`, to be sent to the peer as it is.
    public func negotiated(with peer: ProtocolVersionRange) throws(PeerError) -> Int {
        guard let version = highestCommon(with: peer) else {
            throw PeerError(
                code: .version,
                message: "this end speaks protocol version \(self), the peer \(peer): update the older of the two")
        }
        return version
    }
}
