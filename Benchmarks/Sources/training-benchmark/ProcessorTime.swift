// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Glibc

/// The CPU time that this process has used.
enum ProcessorTime {
    /// User and system time of all threads since the process began, in seconds.
    static var seconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
