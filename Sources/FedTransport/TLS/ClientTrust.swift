// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Whom a server lets in.
public enum ClientTrust: Sendable {
    /// Clients with a certificate of this authority (a certificate in DER or PEM), over the protocol of workers.
    case authority([UInt8])
    /// Everybody, over the protocol of enrolment.
    case anybody
}
