// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

/// Ends a process when the one that started it is gone.
public enum ParentWatch {
    /// Calls `body` on a thread of its own once standard input ends, which it does when the parent process dies.
    public static func whenInputEnds(_ body: @escaping @Sendable () -> Void) {
        let thread = Thread {
            var byte: UInt8 = 0
            while true {
                let count = read(STDIN_FILENO, &byte, 1)
                if count == 0 || (count < 0 && errno != EINTR) { break }
            }
            body()
        }
        thread.start()
    }
}
