// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Dispatch
internal import FedCore
internal import Synchronization

/// A `ModelDigest` that another thread computes, for callers that have the disk to wait for meanwhile.
final class PendingDigest: Sendable {
    /// Characters of a digest.
    static let length = 64

    private let digest = Mutex("")
    private let done = DispatchGroup()

    init(of parameters: ParameterVector) {
        DispatchQueue.global(qos: .userInitiated).async(group: done) { [self] in
            let computed = ModelDigest.sha256(of: parameters)
            digest.withLock { $0 = computed }
        }
    }

    /// The digest; blocks until it is there.
    func value() -> String {
        done.wait()
        return digest.withLock { $0 }
    }
}
