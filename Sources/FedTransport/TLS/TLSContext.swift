// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Crypto
internal import NIOSSL

/// What TLS needs to know, checked and loaded once for all connections of a server or client.
package struct TLSContext: Sendable {
    let ssl: NIOSSLContext
    let applicationProtocol: ApplicationProtocol
    /// Set when the client itself judges the chain that the server shows.
    let verifyChain: (@Sendable ([[UInt8]]) async -> Bool)?

    init(server identity: TLSIdentity, clients: ClientTrust) throws(TransportError) {
        let (chain, key) = try Self.load(identity)
        var configuration = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: key)
        switch clients {
        case .authority(let authority):
            applicationProtocol = .worker
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .certificates(try Self.certificates(authority))
        case .anybody:
            applicationProtocol = .enrolment
            configuration.certificateVerification = .none
        }
        verifyChain = nil
        ssl = try Self.context(configuration, applicationProtocol)
    }

    init(client identity: TLSIdentity?, trust: ServerTrust) throws(TransportError) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let identity {
            let (chain, key) = try Self.load(identity)
            configuration.certificateChain = chain
            configuration.privateKey = key
        }
        configuration.certificateVerification = .fullVerification
        switch trust {
        case .authority(let authority):
            applicationProtocol = .worker
            configuration.trustRoots = .certificates(try Self.certificates(authority))
            verifyChain = nil
        case .fingerprint(let fingerprint, let verify):
            applicationProtocol = .enrolment
            verifyChain = { chain in
                guard let last = chain.last, Array(SHA256.hash(data: last)) == fingerprint else { return false }
                return await verify(chain)
            }
        }
        ssl = try Self.context(configuration, applicationProtocol)
    }

    private static func context(
        _ configuration: TLSConfiguration, _ applicationProtocol: ApplicationProtocol
    ) throws(TransportError) -> NIOSSLContext {
        var configuration = configuration
        configuration.minimumTLSVersion = .tlsv13
        configuration.maximumTLSVersion = .tlsv13
        configuration.applicationProtocols = [applicationProtocol.rawValue]
        configuration.shutdownTimeout = .seconds(2)
        do { return try NIOSSLContext(configuration: configuration) } catch {
            throw TransportError(.invalidIdentity, "the certificate and the private key do not belong together")
        }
    }

    private static func load(
        _ identity: TLSIdentity
    ) throws(TransportError) -> ([NIOSSLCertificateSource], NIOSSLPrivateKeySource) {
        var chain: [NIOSSLCertificateSource] = []
        for document in identity.certificateChain {
            chain += try certificates(document).map { .certificate($0) }
        }
        do {
            let key = try NIOSSLPrivateKey(
                bytes: identity.privateKey, format: isPEM(identity.privateKey) ? .pem : .der)
            return (chain, .privateKey(key))
        } catch { throw TransportError(.invalidIdentity, "the private key is not PKCS #8 in DER or PEM") }
    }

    private static func certificates(_ document: [UInt8]) throws(TransportError) -> [NIOSSLCertificate] {
        do {
            return isPEM(document)
                ? try NIOSSLCertificate.fromPEMBytes(document) : [try NIOSSLCertificate(bytes: document, format: .der)]
        } catch { throw TransportError(.invalidIdentity, "a certificate is not X.509 in DER or PEM") }
    }

    private static func isPEM(_ document: [UInt8]) -> Bool { document.starts(with: Array("-----BEGIN".utf8)) }
}
