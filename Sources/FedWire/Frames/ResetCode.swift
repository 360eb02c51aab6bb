// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Why a transfer was given up, as a number in a RESET frame; unknown numbers are kept as they are.
public struct ResetCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number on the wire.
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The sender or the receiver no longer wants the transfer.
    public static let abandoned = ResetCode(rawValue: 1)
    /// The transfer is announced larger than the receiver takes.
    public static let tooLarge = ResetCode(rawValue: 2)
    /// More bytes came than were announced.
    public static let oversize = ResetCode(rawValue: 3)
    /// More transfers are under way than the receiver takes at once.
    public static let tooManyTransfers = ResetCode(rawValue: 4)
    /// The sender had credit and sent nothing for too long.
    public static let stalled = ResetCode(rawValue: 5)

    public var description: String {
        switch self {
        case .abandoned: "abandoned"
        case .tooLarge: "too large"
        case .oversize: "longer than announced"
        case .tooManyTransfers: "too many transfers at once"
        case .stalled: "stalled"
        default: "code \(rawValue)"
        }
    }
}
