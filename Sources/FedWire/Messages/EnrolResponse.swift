// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// A new worker's certificate.
public struct EnrolResponse: Hashable, Sendable {
    /// X.509 in DER; 1 byte to 16 KiB, not parsed here.
    public var certificate: [UInt8]
    /// The certificate of the authority that issued it, in DER; 1 byte to 16 KiB, not parsed here.
    public var authority: [UInt8]
    /// The name in the certificate.
    public var worker: WorkerID

    /// A response.
    public init(certificate: [UInt8], authority: [UInt8], worker: WorkerID) {
        self.certificate = certificate
        self.authority = authority
        self.worker = worker
    }
}
