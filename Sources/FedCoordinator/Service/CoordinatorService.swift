// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
public import FedIdentity
public import FedTransport
internal import FedWire
internal import Foundation

/// The two doors of a coordinator: one for workers with a certificate, one for workers with a join token.
///
/// A class, so that each of many sessions holds on to one of it and not to a copy.
public final class CoordinatorService: Sendable {
    /// What listens.
    public struct Configuration: Sendable {
        /// The federation.
        public var directory: FederationDirectory
        /// Where to listen.
        public var settings: FederationSettings
        /// Seconds between looks at the revocation list for workers that are connected.
        public var revocationInterval = 1.0
        /// No more connections at once, at both doors together; at least 2. At most 256 of them, and an eighth, to enrol.
        public var connections = 20_256

        /// A configuration.
        public init(directory: FederationDirectory, settings: FederationSettings) {
            self.directory = directory
            self.settings = settings
        }
    }

    private let configuration: Configuration
    private let enrolment: EnrolmentAuthority
    private let revocations: RevocationList
    private let workers: TLSServer
    private let newcomers: TLSServer
    private let observe: @Sendable (CoordinatorEvent) -> Void

    /// Loads the federation's certificates; throws `IdentityError` or `TransportError`.
    public init(
        _ configuration: Configuration, connection: ConnectionConfiguration,
        observe: @escaping @Sendable (CoordinatorEvent) -> Void
    ) throws {
        self.configuration = configuration
        self.observe = observe
        enrolment = try EnrolmentAuthority(directory: configuration.directory)
        revocations = RevocationList(file: configuration.directory.revoked)
        let credentials = try configuration.directory.coordinatorCredentials()
        let identity = TLSIdentity(
            certificateChain: [Array(credentials.certificate.pem.utf8), Array(credentials.authority.pem.utf8)],
            privateKey: Array(credentials.key.pem.utf8))
        let newcomers = min(256, max(1, configuration.connections / 8))
        workers = try TLSServer(
            .init(
                host: configuration.settings.listen, port: configuration.settings.port, identity: identity,
                clients: .authority(Array(credentials.authority.pem.utf8)), connection: connection,
                maximumConnections: max(1, configuration.connections - newcomers)))
        self.newcomers = try TLSServer(
            .init(
                host: configuration.settings.listen, port: configuration.settings.enrolmentPort, identity: identity,
                clients: .anybody, connection: connection, maximumConnections: newcomers))
    }

    /// Listens at both doors until the task is cancelled.
    ///
    /// `onListening` is told the ports. Throws `TransportError.cannotListen` when a port is taken.
    public func run(
        for coordinator: Coordinator, onListening: @escaping @Sendable (FederationSettings) async throws -> Void
    ) async throws {
        let ports = AsyncStream.makeStream(of: (worker: Int?, enrolment: Int?).self)
        let observe = observe
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await self.workers.run(
                    onListening: { ports.continuation.yield((worker: $0, enrolment: nil)) },
                    onRefused: { address, reason in observe(.turnedAway(address: address, reason: reason.message)) },
                    onBlocked: { observe(.doorBlocked(reason: $0.message)) },
                    handler: { await self.receive($0, for: coordinator) })
            }
            group.addTask {
                try await self.newcomers.run(
                    onListening: { ports.continuation.yield((worker: nil, enrolment: $0)) },
                    onRefused: { address, reason in observe(.turnedAway(address: address, reason: reason.message)) },
                    onBlocked: { observe(.doorBlocked(reason: $0.message)) },
                    handler: { await self.enrol($0) })
            }
            group.addTask {
                var settings = self.configuration.settings
                var open = 0
                for await port in ports.stream {
                    settings.port = port.worker ?? settings.port
                    settings.enrolmentPort = port.enrolment ?? settings.enrolmentPort
                    open += 1
                    if open == 2 { break }
                }
                if open == 2 {
                    try settings.announce(in: self.configuration.directory)
                    try await onListening(settings)
                }
                try await self.watchRevocations(for: coordinator)
            }
            defer { FederationSettings.withdraw(from: configuration.directory) }
            try await group.next()
            group.cancelAll()
        }
    }

    /// A worker's connection, from the certificate to the end.
    private func receive(_ connection: any Connection, for coordinator: Coordinator) async {
        switch admitted(connection.peer) {
        case .success(let peer):
            await coordinator.converse(with: peer.worker, over: connection, admission: peer.admission)
        case .failure(let refusal): await connection.close(refusal)
        }
    }

    /// Who a worker is by its certificate, or why it may not take part, which is also told to who watches.
    ///
    /// Apart, so that no task holds room for certificates as long as its session lasts.
    @inline(never)
    private func admitted(_ peer: ConnectionPeer) -> Result<(worker: WorkerID, admission: Admission), PeerError> {
        do {
            let identity = try PeerIdentity(verifiedLeaf: peer.certificateChain.first ?? [])
            let admission = Admission { self.refusal(of: identity) }
            if let refusal = admission.refusal() { throw refusal }
            return .success((identity.worker, admission))
        } catch {
            let refusal = error as? PeerError ?? PeerError(code: .notAdmitted, message: "\(error)")
            observe(.turnedAway(address: peer.address, reason: refusal.message))
            return .failure(refusal)
        }
    }

    /// Why this identity may not, or no longer, take part; nil if it may.
    private func refusal(of identity: PeerIdentity) -> PeerError? {
        do {
            try revocations.check(identity)
            return nil
        } catch {
            // A list that cannot be used lets nobody in, but it is for the operator to mend: workers may try again.
            return PeerError(
                code: error == IdentityError(.revoked, "") ? .revoked : .internalError, message: error.message)
        }
    }

    /// A newcomer's connection: one request, one answer.
    private func enrol(_ connection: any Connection) async {
        do {
            let request = try await connection.withTimeLimit(seconds: 10, for: "request") { () -> EnrolRequest? in
                for try await inbound in connection.messages {
                    if case .enrolRequest(let message) = inbound.message { return message }
                }
                return nil
            }
            guard let request else {
                return observe(
                    .turnedAway(address: connection.peer.address, reason: "it did not ask for a certificate"))
            }
            let secret = try JoinSecret(bytes: request.secret)
            let (worker, certificate) = try enrolment.enrol(
                secret: secret, request: request.certificateSigningRequest, now: Date())
            try await connection.send(
                .enrolResponse(
                    EnrolResponse(
                        certificate: certificate.der, authority: enrolment.authorityCertificate.der, worker: worker)))
            observe(.enrolled(worker))
            // The newcomer closes the connection once it has kept its certificate.
            try await connection.withTimeLimit(seconds: 10, for: "end") {
                for try await _ in connection.messages {}
            }
        } catch let error as IdentityError {
            observe(.turnedAway(address: connection.peer.address, reason: error.message))
            await connection.close(PeerError(code: .notAdmitted, message: error.message))
        } catch {
            observe(.turnedAway(address: connection.peer.address, reason: "\(error)"))
        }
    }

    /// Ends the sessions of workers that were revoked while they were connected.
    private func watchRevocations(for coordinator: Coordinator) async throws {
        while true {
            try await Task.sleep(for: .seconds(configuration.revocationInterval))
            await coordinator.expelTheUnwelcome()
        }
    }
}
