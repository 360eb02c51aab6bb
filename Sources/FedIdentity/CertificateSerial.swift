// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The number that an authority gave a certificate, unique among those it issued.
public struct CertificateSerial: Hashable, Sendable, CustomStringConvertible {
    /// Big-endian without leading zeros, 1 to 20 bytes.
    public let bytes: [UInt8]

    init(_ bytes: some Sequence<UInt8>) {
        let significant = Array(bytes.drop { $0 == 0 })
        self.bytes = significant.isEmpty ? [0] : significant
    }

    /// Reads hexadecimal digits, as `description` writes them; capital letters, colons and leading zeros are tolerated.
    ///
    /// Throws `IdentityError.invalidCertificate` for anything else or more than 20 bytes.
    public init(hexadecimal text: String) throws(IdentityError) {
        var digits = text.filter { $0 != ":" }
        if digits.count % 2 == 1 { digits = "0" + digits }
        guard let bytes = Hexadecimal.bytes(digits), (1...20).contains(bytes.count) else {
            throw IdentityError(.invalidCertificate, "a serial number is 1 to 40 hexadecimal digits")
        }
        self.init(bytes)
    }

    /// Lowercase hexadecimal digits, two a byte.
    public var description: String { Hexadecimal.text(bytes) }
}
