// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A certificate and its key as two PEM files.
enum KeyPairFiles {
    /// Reads both and checks that they belong together.
    ///
    /// Throws `IdentityError.missingFile`, `.unreadableFile` or `.corruptFile`.
    static func read(
        certificate: String, key: String, what: String
    ) throws(IdentityError) -> (IdentityCertificate, IdentityKey) {
        let parsed = try readCertificate(certificate)
        let keyText = try PrivateFiles.readText(key)
        guard let parsedKey = try? IdentityKey(pem: keyText) else {
            throw IdentityError(.corruptFile, "\(key) is not a P-256 private key in PEM form: restore it from a copy")
        }
        guard parsed.belongs(to: parsedKey) else {
            throw IdentityError(
                .corruptFile, "\(certificate) and \(key) of \(what) do not belong together: restore both from a copy")
        }
        return (parsed, parsedKey)
    }

    /// Reads a certificate, or throws `IdentityError.missingFile`, `.unreadableFile` or `.corruptFile`.
    static func readCertificate(_ path: String) throws(IdentityError) -> IdentityCertificate {
        let text = try PrivateFiles.readText(path)
        do {
            return try IdentityCertificate(pem: text)
        } catch {
            throw IdentityError(
                .corruptFile, "\(path) is not a certificate in PEM form: restore it from a copy", cause: error.cause)
        }
    }

    /// Writes the key (owner only) and then the certificate.
    static func write(
        _ parsed: IdentityCertificate, _ parsedKey: IdentityKey, certificate: String, key: String
    ) throws(IdentityError) {
        try PrivateFiles.write(Array(parsedKey.pem.utf8), to: key)
        try PrivateFiles.write(Array(parsed.pem.utf8), to: certificate, mode: 0o644)
    }
}
