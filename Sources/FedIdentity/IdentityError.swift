// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What went wrong with keys, certificates, tokens or the files that hold them.
///
/// Two errors are equal when their codes are. Messages never hold keys, secrets or tokens.
public struct IdentityError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The kind of failure.
    public struct Code: Hashable, Sendable {
        let name: String

        /// A file that is missing.
        public static let missingFile = Code(name: "missingFile")
        /// A file that exists and cannot be read.
        public static let unreadableFile = Code(name: "unreadableFile")
        /// A file or directory that cannot be written.
        public static let unwritableFile = Code(name: "unwritableFile")
        /// A file whose content is not what its name promises.
        public static let corruptFile = Code(name: "corruptFile")
        /// A directory that already holds what was to be created.
        public static let alreadyExists = Code(name: "alreadyExists")
        /// A directory that holds no federation.
        public static let notAFederation = Code(name: "notAFederation")
        /// A text that is not `host:port`, or a host that is neither a name nor an address.
        public static let invalidAddress = Code(name: "invalidAddress")
        /// A certificate, key or fingerprint that cannot be read or made.
        public static let invalidCertificate = Code(name: "invalidCertificate")
        /// A signing request that cannot be read or whose signature does not match its key.
        public static let invalidRequest = Code(name: "invalidRequest")
        /// A text that is not a join token, or was damaged on the way.
        public static let invalidToken = Code(name: "invalidToken")
        /// A lifetime that is not positive or too long.
        public static let invalidLifetime = Code(name: "invalidLifetime")
        /// A secret that no token of this federation has.
        public static let unknownToken = Code(name: "unknownToken")
        /// A token that has been redeemed before.
        public static let usedToken = Code(name: "usedToken")
        /// A token whose time has passed.
        public static let expiredToken = Code(name: "expiredToken")
        /// A certificate that the authority did not sign, or an authority other than the expected one.
        public static let untrusted = Code(name: "untrusted")
        /// A certificate outside its period of validity.
        public static let outsideValidity = Code(name: "outsideValidity")
        /// A server certificate for other hosts than the one called.
        public static let wrongHost = Code(name: "wrongHost")
        /// A certificate that is not for a coordinator where one is needed, or not for a worker.
        public static let wrongPurpose = Code(name: "wrongPurpose")
        /// A worker or certificate that the list of revoked ones names.
        public static let revoked = Code(name: "revoked")
        /// A list of revoked workers that is missing, unreadable or damaged: nobody can be admitted.
        public static let unusableRevocationList = Code(name: "unusableRevocationList")
    }

    /// The kind of failure.
    public var code: Code
    /// One sentence for a person, with what to do.
    public var message: String
    /// What a lower layer said, if it did.
    public var cause: String?

    /// Makes an error of a kind, with a sentence for a person.
    public init(_ code: Code, _ message: String, cause: String? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// The sentence, and the cause in brackets.
    public var description: String { cause.map { "\(message) (\($0))" } ?? message }

    public static func == (lhs: Self, rhs: Self) -> Bool { lhs.code == rhs.code }

    /// Runs `body`, turning whatever it throws into an error of this kind; an `IdentityError` passes unchanged.
    static func wrapping<Result>(
        _ code: Code, _ message: @autoclosure () -> String, _ body: () throws -> Result
    ) throws(IdentityError) -> Result {
        do {
            return try body()
        } catch let error as IdentityError {
            throw error
        } catch {
            throw IdentityError(code, message(), cause: "\(error)")
        }
    }
}
