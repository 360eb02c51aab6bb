// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
public import FedIdentity
internal import FedTransport
internal import FedWire
internal import Foundation

/// Turns a join token into credentials.
public enum Enrolment {
    /// Makes a key, has it certified by the coordinator that the token names, and keeps both in `directory`.
    ///
    /// The coordinator is trusted because its authority's certificate has the fingerprint in the token. The exchange
    /// may take `timeLimit` seconds, in (0, 86400]. Throws `WorkerError.state` before the token is used when nothing can
    /// be kept in `directory`, and `.unreachable` with a sentence when the coordinator cannot be reached, does not
    /// answer in time, is another one, or does not accept the token.
    public static func enrol(
        _ token: JoinToken, into directory: String, timeLimit: Double = 30
    ) async throws(WorkerError) -> WorkerCredentials {
        precondition(timeLimit > 0 && timeLimit <= 86_400, "a time limit is at most a day")
        try StateDirectory.make(directory)
        try StateDirectory.proveWritable(directory)
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
            let response = try await Self.within(timeLimit, of: token.enrolment) {
                try await client.withConnection { connection in
                    try await connection.send(.enrolRequest(request))
                    return try await Self.response(on: connection)
                }
            }
            let credentials = try WorkerCredentials(
                key: key, certificate: IdentityCertificate(der: response.certificate),
                authority: IdentityCertificate(der: response.authority), coordinator: token.coordinator)
            guard credentials.authority.fingerprint == token.authority else {
                throw WorkerError(.unreachable, "the coordinator sent another authority than the token names")
            }
            try credentials.save(to: directory)
            return credentials
        } catch let error as WorkerError {
            throw error
        } catch let error as IdentityError {
            throw WorkerError(error == IdentityError(.unwritableFile, "") ? .state : .unreachable, error.message)
        } catch {
            throw WorkerError(.unreachable, "cannot enrol at \(token.enrolment): \(error)")
        }
    }

    /// What `body` returns, unless it takes longer than `seconds`.
    private static func within<Result: Sendable>(
        _ seconds: Double, of address: ServiceAddress, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: .seconds(seconds))
                throw WorkerError(
                    .unreachable,
                    "the coordinator at \(address) did not answer within \(Int(seconds)) s: check that it is the "
                        + "enrolment address and that the coordinator is not overloaded, then try again")
            }
            guard let result = try await group.next() else { throw CancellationError() }
            return result
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
