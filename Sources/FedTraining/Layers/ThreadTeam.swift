// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Dispatch

/// Independent pieces of work on a stated number of threads.
struct ThreadTeam {
    /// At least 1.
    let threads: Int

    /// Calls `body` with each piece in 0..<`count` and the part, in 0..<`threads`, that does it; pieces of one part are
    /// done one after the other.
    ///
    /// Returns when all are done. What a piece computes must not depend on its part.
    func forEach(_ count: Int, _ body: (_ piece: Int, _ part: Int) -> Void) {
        let parts = min(threads, count)
        guard parts > 1 else {
            for piece in 0..<count { body(piece, 0) }
            return
        }
        withoutActuallyEscaping(body) { body in
            // Called from several threads at once, which is what this function asks of its callers; not after it returns.
            nonisolated(unsafe) let work = body
            DispatchQueue.concurrentPerform(iterations: parts) { part in
                for piece in stride(from: part, to: count, by: parts) { work(piece, part) }
            }
        }
    }
}
