// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Dispatch
internal import FedCore
internal import Synchronization

/// A `CheckpointDigest` that another thread computes, for callers that have the disk to wait for meanwhile.
final class PendingDigest: Sendable {
    /// Characters of a digest.
    static let length = 64

    private let digest = Mutex<CheckpointDigest?>(nil)
    private let done = DispatchGroup()

    init(of checkpoint: Checkpoint) {
        DispatchQueue.global(qos: .userInitiated).async(group: done) { [self] in
            let computed = CheckpointDigest(
                model: ModelDigest.sha256(of: checkpoint.parameters), state: ModelDigest.sha256(of: checkpoint.state))
            digest.withLock { $0 = computed }
        }
    }

    /// The digest; blocks until it is there.
    func value() -> CheckpointDigest {
        done.wait()
        guard let digest = digest.withLock({ $0 }) else { preconditionFailure("a digest is there once it is computed") }
        return digest
    }
}
