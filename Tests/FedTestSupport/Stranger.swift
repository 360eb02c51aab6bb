// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Glibc

/// A bare TCP connection to this machine, of somebody who does not keep to any protocol.
package final class Stranger {
    private let descriptor: Int32
    /// All that the other end has sent.
    package private(set) var received: [UInt8] = []
    private var isClosed = false

    /// Connects; nil when nobody listens.
    package init?(port: Int) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return nil }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Sends what the system takes at once.
    package func send(_ bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
    }

    /// Whether the other end has closed the connection; reads what has come.
    package func hasEnded() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !isClosed {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                received += buffer.prefix(count)
            } else if count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
                isClosed = true
            } else {
                break
            }
        }
        return isClosed
    }

    /// The first message of a TLS 1.3 handshake (RFC 8446, section 4.1.2) that asks for an application protocol.
    package static func clientHello(for applicationProtocol: String, key: [UInt8]) -> [UInt8] {
        func counted(_ bytes: [UInt8], width: Int) -> [UInt8] {
            (0..<width).reversed().map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) } + bytes
        }
        func block(_ type: UInt16, _ content: [UInt8]) -> [UInt8] {
            [UInt8(type >> 8), UInt8(type & 0xFF)] + counted(content, width: 2)
        }
        let x25519: [UInt8] = [0x00, 0x1D]
        let extensions =
            block(43, counted([0x03, 0x04], width: 1))  // supported_versions: TLS 1.3
            + block(10, counted(x25519, width: 2))  // supported_groups
            + block(13, counted([0x04, 0x03, 0x08, 0x04, 0x08, 0x07], width: 2))  // signature_algorithms
            + block(51, counted(x25519 + counted(key, width: 2), width: 2))  // key_share
            + block(16, counted(counted(Array(applicationProtocol.utf8), width: 1), width: 2))  // ALPN
        let hello =
            [0x03, 0x03] + key + [0]  // version, random, no session
            + counted([0x13, 0x01], width: 2)  // TLS_AES_128_GCM_SHA256
            + counted([0], width: 1) + counted(extensions, width: 2)
        return [0x16, 0x03, 0x01] + counted([0x01] + counted(hello, width: 3), width: 2)
    }
}
