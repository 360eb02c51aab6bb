// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Crypto
internal import Foundation

/// What an operator hands to a worker so that it can join: one line of text.
///
/// `fedtoken1.` and the base64url form (without padding) of: the authority's fingerprint (32 bytes), the secret
/// (32 bytes), the enrolment address and the coordinator's address (each one length byte and text), and the first
/// 4 bytes of the SHA-256 of all that, so that a damaged token is noticed before it is used.
public struct JoinToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    static let prefix = "fedtoken1."

    /// Where to enrol.
    public let enrolment: ServiceAddress
    /// Where to work afterwards.
    public let coordinator: ServiceAddress
    /// The authority that both services must prove to belong to.
    public let authority: CertificateFingerprint
    /// Entitles to enrol once.
    public let secret: JoinSecret

    /// A token out of its parts.
    public init(
        enrolment: ServiceAddress, coordinator: ServiceAddress, authority: CertificateFingerprint, secret: JoinSecret
    ) {
        self.enrolment = enrolment
        self.coordinator = coordinator
        self.authority = authority
        self.secret = secret
    }

    /// Reads a pasted token; surrounding white space is tolerated.
    ///
    /// Throws `IdentityError.invalidToken` with a sentence that never quotes the token.
    public init(text: String) throws(IdentityError) {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard trimmed.hasPrefix(Self.prefix) else {
            throw IdentityError(.invalidToken, "a join token starts with '\(Self.prefix)': paste the whole line")
        }
        guard let bytes = Self.decode(trimmed.dropFirst(Self.prefix.count)), bytes.count >= 70 else {
            throw IdentityError(.invalidToken, "the join token is cut short or damaged: paste the whole line again")
        }
        guard SHA256.hash(data: bytes.dropLast(4)).prefix(4).elementsEqual(bytes.suffix(4)) else {
            throw IdentityError(.invalidToken, "the join token was changed on the way: paste the whole line again")
        }
        var rest = bytes.dropLast(4).dropFirst(64)
        func nextAddress() throws(IdentityError) -> ServiceAddress {
            guard let count = rest.popFirst(), rest.count >= Int(count),
                let text = String(validating: rest.prefix(Int(count)), as: UTF8.self),
                let address = try? ServiceAddress(text)
            else {
                throw IdentityError(.invalidToken, "the join token holds no usable address: ask for a new token")
            }
            rest = rest.dropFirst(Int(count))
            return address
        }
        enrolment = try nextAddress()
        coordinator = try nextAddress()
        guard rest.isEmpty else {
            throw IdentityError(.invalidToken, "the join token is of a newer kind: update this program")
        }
        authority = try CertificateFingerprint(bytes: Array(bytes[..<32]))
        secret = try JoinSecret(bytes: Array(bytes[32..<64]))
    }

    /// The line to paste. It holds the secret: show it once, to the person who asked for it, and never log it.
    public var text: String {
        var bytes = authority.bytes + secret.bytes
        for address in [enrolment.description, coordinator.description] {
            bytes.append(UInt8(clamping: address.utf8.count))
            bytes += Array(address.utf8.prefix(255))
        }
        bytes += Array(SHA256.hash(data: bytes).prefix(4))
        return Self.prefix + Self.encode(bytes)
    }

    /// Where the token leads, without the secret.
    public var description: String { "JoinToken(enrol at \(enrolment), work at \(coordinator), secret hidden)" }
    public var debugDescription: String { description }

    private static func encode(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Nil unless the text is exactly what `encode` makes of some bytes.
    private static func decode(_ text: Substring) -> [UInt8]? {
        guard text.utf8.count <= 1024, !text.utf8.contains(where: { "+/=".utf8.contains($0) }) else { return nil }
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        let standard = text.replacing("-", with: "+").replacing("_", with: "/") + padding
        guard let bytes = Data(base64Encoded: String(standard)).map({ Array($0) }), encode(bytes) == text else {
            return nil
        }
        return bytes
    }
}
