// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedWire

/// Whether a worker may take part, asked when it connects and again while it is connected.
public struct Admission: Sendable {
    /// Why it may not, to be told to the worker; nil if it may.
    public var refusal: @Sendable () -> PeerError?

    /// An admission that `refusal` decides.
    public init(refusal: @escaping @Sendable () -> PeerError?) { self.refusal = refusal }

    /// Everybody may.
    public static let always = Admission { nil }
}
