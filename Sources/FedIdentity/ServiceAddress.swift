// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

/// Where a service listens: a host name or IP address, and a port.
///
/// The text form is `host:port`; an IPv6 address stands in brackets, as in `[::1]:7070`.
public struct ServiceAddress: Hashable, Codable, Sendable, CustomStringConvertible {
    /// A DNS name, an IPv4 or an IPv6 address, without brackets.
    public let host: String
    /// 1 to 65535.
    public let port: Int

    /// Throws `IdentityError.invalidAddress` for a host that is neither a DNS name nor an address, or a port that is
    /// not in 1...65535.
    public init(host: String, port: Int) throws(IdentityError) {
        guard host.utf8.count <= 245, Self.addressBytes(host) != nil || Self.isHostName(host) else {
            throw IdentityError(
                .invalidAddress, "the host is neither a DNS name nor an IP address: write host:port or [IPv6]:port")
        }
        guard (1...65535).contains(port) else {
            throw IdentityError(.invalidAddress, "the port of \(host) must be 1 to 65535, not \(port)")
        }
        self.host = host
        self.port = port
    }

    /// Reads `host:port` or `[IPv6]:port`, or throws `IdentityError.invalidAddress`.
    public init(_ text: String) throws(IdentityError) {
        guard text.utf8.count <= 300, let colon = text.lastIndex(of: ":"),
            let port = Int(text[text.index(after: colon)...])
        else {
            throw IdentityError(.invalidAddress, "an address is written host:port, as in coordinator.example:7070")
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw IdentityError(.invalidAddress, "an IPv6 address stands in brackets, as in [::1]:7070")
        }
        try self.init(host: String(host), port: port)
    }

    /// The text form.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether the host is an IP address rather than a name.
    public var isIPAddress: Bool { Self.addressBytes(host) != nil }

    public init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// The 4 or 16 bytes of an IP address in text form; nil for anything else.
    static func addressBytes(_ text: String) -> [UInt8]? {
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 { return withUnsafeBytes(of: &v4) { Array($0) } }
        var v6 = in6_addr()
        if inet_pton(AF_INET6, text, &v6) == 1 { return withUnsafeBytes(of: &v6) { Array($0) } }
        return nil
    }

    /// Whether the text is a DNS name: dotted labels of letters, digits and dashes (underscores are tolerated), not
    /// ending in a label of digits only.
    static func isHostName(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let wellFormed = labels.allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy { byte in
                    isDigit(byte) || isLetter(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                }
        }
        return wellFormed && labels.last?.allSatisfy(isDigit) == false
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
