internal import FedCore
public import FedIdentity
internal import FedTransport
internal import FedWire
internal import Foundation

/// Turns a join token into credentials.
public enum Enrolment {
    /// Makes a key, has it certified by the coordinator that the token names, and keeps both in `directory`.
    ///
    /// The coordinator is trusted because its authority's certificate has the fingerprint in the token. Throws
    /// `WorkerError.unreachable` with a sentence when it cannot be reached, is another one, or does not accept the token.
    public static func enrol(_ token: JoinToken, into directory: String) async throws(WorkerError) -> WorkerCredentials
    {
        do {
            let verifier = ServerVerifier(authority: token.authority, host: token.enrolment.host)
            let client = try TLSClient(
                .init(
                    host: token.enrolment.host, port: token.enrolment.port, identity: nil,
                    trust: .fingerprint(sha256: token.authority.bytes) { chain in
                        (try? await verifier.verify(chain: chain, now: Date())) != nil
                    }))
            let key = IdentityKey()
            let request = EnrolRequest(
                secret: token.secret.bytes, certificateSigningRequest: try key.signingRequest())
            return try await client.withConnection { connection in
                try await connection.send(.enrolRequest(request))
                let response = try await Self.response(on: connection)
                let credentials = try WorkerCredentials(
                    key: key, certificate: IdentityCertificate(der: response.certificate),
                    authority: IdentityCertificate(der: response.authority), coordinator: token.coordinator)
                guard credentials.authority.fingerprint == token.authority else {
                    throw WorkerError(.unreachable, "the coordinator sent another authority than the token names")
                }
                try credentials.save(to: directory)
                return credentials
            }
        } catch let error as WorkerError {
            throw error
        } catch let error as IdentityError {
            throw WorkerError(error == IdentityError(.unwritableFile, "") ? .state : .unreachable, error.message)
        } catch {
            throw WorkerError(.unreachable, "cannot enrol at \(token.enrolment): \(error)")
        }
    }

    private static func response(on connection: any Connection) async throws -> EnrolResponse {
        for try await inbound in connection.messages {
            switch inbound.message {
            case .enrolResponse(let response): return response
            case .peerError(let error): throw WorkerError(.unreachable, error.message)
            default: continue
            }
        }
        throw WorkerError(.unreachable, "the coordinator closed the connection without an answer")
    }
}
