// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Glibc

/// The memory of this process.
enum PeakMemory {
    /// The largest resident set so far, in bytes.
    static var bytes: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
    }
}
