// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Foundation

/// The published files that some tests read, in the folder that FED_DATA names.
enum RealData {
    static let folder = ProcessInfo.processInfo.environment["FED_DATA"]
    static let comment: String = "set FED_DATA to the folder that holds mnist, fashion_mnist and the others"

    static func path(_ name: String) -> String { "\(folder ?? "")/\(name)" }

    private static let table: [UInt32] = {
        var table: [UInt32] = []
        for entry in UInt32(0)..<256 {
            var sum = entry
            for _ in 0..<8 { sum = sum & 1 == 1 ? (sum >> 1) ^ 0xEDB8_8320 : sum >> 1 }
            table.append(sum)
        }
        return table
    }()

    /// The checksum of RFC 1952.
    static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var sum: UInt32 = 0xFFFF_FFFF
        for byte in bytes { sum = (sum >> 8) ^ table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] }
        return ~sum
    }
}
