// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A new worker asks for a certificate.
public struct EnrolRequest: Hashable, Sendable {
    /// From the join token; 16 to 64 bytes.
    public var secret: [UInt8]
    /// PKCS #10 in DER; 1 byte to 16 KiB, not parsed here.
    public var certificateSigningRequest: [UInt8]

    /// A request.
    public init(secret: [UInt8], certificateSigningRequest: [UInt8]) {
        self.secret = secret
        self.certificateSigningRequest = certificateSigningRequest
    }
}
