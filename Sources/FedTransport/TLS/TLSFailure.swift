// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// What errors of the network and of TLS mean for the user of a connection.
enum TLSFailure {
    /// Alerts by which a server says that it does not like the client's certificate, as BoringSSL names them.
    private static let certificateAlerts = [
        "ALERT_CERTIFICATE_REQUIRED", "ALERT_UNKNOWN_CA", "ALERT_BAD_CERTIFICATE", "ALERT_CERTIFICATE_UNKNOWN",
        "ALERT_CERTIFICATE_EXPIRED", "ALERT_CERTIFICATE_REVOKED", "ALERT_UNSUPPORTED_CERTIFICATE",
        "ALERT_ACCESS_DENIED", "ALERT_DECRYPT_ERROR",
    ]
    private static let versionAlerts = [
        "ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "NO_APPLICATION_PROTOCOL", "WRONG_VERSION_NUMBER",
        "HTTP_REQUEST", "ALERT_HANDSHAKE_FAILURE",
    ]

    /// The error that the user sees; `isEstablished` says whether the handshake had succeeded on this end.
    static func classify(_ error: any Error, isEstablished: Bool) -> TransportError {
        if let error = error as? TransportError { return error }
        if error is CancellationError { return TransportError(.cancelled, "the task was cancelled") }
        let text = String(describing: error)
        if certificateAlerts.contains(where: text.contains) {
            return TransportError(
                .certificateRefused,
                "the server does not accept this end's certificate: enrol again, or ask the operator whether it was "
                    + "revoked")
        }
        if versionAlerts.contains(where: text.contains) {
            return TransportError(.incompatible, "the peer does not speak TLS 1.3 with this protocol")
        }
        if text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("PEER_DID_NOT_RETURN_A_CERTIFICATE")
            || error is NIOSSLExtraError || (error as? NIOSSLError).isCertificateFailure
        {
            return TransportError(
                .peerNotTrusted, "the peer's certificate is not from the expected authority or for another name")
        }
        return isEstablished
            ? TransportError(.connectionLost, "the connection broke")
            : TransportError(.handshakeFailed, "the connection broke during the handshake")
    }
}

extension NIOSSLError? {
    fileprivate var isCertificateFailure: Bool {
        switch self {
        case .noCertificateToValidate, .unableToValidateCertificate: true
        default: false
        }
    }
}
