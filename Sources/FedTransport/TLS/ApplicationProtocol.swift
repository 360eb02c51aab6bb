// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The names by which TLS tells the protocols apart (ALPN).
package enum ApplicationProtocol: String, Sendable {
    /// Workers with a certificate.
    case worker = "fedcoord/1"
    /// Workers that ask for a certificate.
    case enrolment = "fedcoord-enrol/1"
}
