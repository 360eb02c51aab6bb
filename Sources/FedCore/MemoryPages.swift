// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

/// Memory that is allocated but of no use any more.
enum MemoryPages {
    private static let size = UInt(sysconf(Int32(_SC_PAGESIZE)))

    /// Lets the system take the pages that lie wholly within `memory`; what they hold is lost.
    static func giveBack(_ memory: UnsafeMutableRawBufferPointer) {
        guard let base = memory.baseAddress else { return }
        let first = (UInt(bitPattern: base) + size - 1) / size * size
        let end = (UInt(bitPattern: base) + UInt(memory.count)) / size * size
        guard end > first, let start = UnsafeMutableRawPointer(bitPattern: first) else { return }
        // Where it is refused, the memory stays as it is.
        _ = madvise(start, Int(end - first), MADV_DONTNEED)
    }
}
