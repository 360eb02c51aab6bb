// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Glibc

/// TCP connections to this machine that say nothing.
struct BareSockets: ~Copyable {
    private var descriptors: [Int32] = []

    /// How many connections were made.
    var count: Int { descriptors.count }

    /// Connects once more; false when nobody listens.
    mutating func connect(to port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected else {
            close(descriptor)
            return false
        }
        descriptors.append(descriptor)
        return true
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }
}
