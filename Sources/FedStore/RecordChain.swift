// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Crypto
internal import FedCore

/// The hash that ties a round's record to all records before it, and to the run's configuration.
///
/// H₀ is SHA-256 over the run (identifier, name, seed, configuration), and Hₙ over Hₙ₋₁ and the texts of plan and record of
/// round n as the database holds them. In front of each part stands its length, so that no two lists of parts are the same bytes. The
/// record names the models before and after the round and each accepted update by SHA-256: whoever knows Hₙ can tell whether anything
/// of the first n rounds was changed. Whoever can write to the database can also write another chain: note Hₙ elsewhere, too.
public enum RecordChain {
    /// Hₙ of a run, and how much of it there is.
    public struct Head: Hashable, Sendable {
        /// How many rounds are in the chain.
        public var rounds: Int
        /// How many rounds before them an older version of this program recorded, without hashes.
        public var unchained: Int
        /// Hₙ in hexadecimal; nil if no round is in the chain.
        public var hash: String?
    }

    /// Checks the committed rounds of a run, in order.
    ///
    /// Throws `StoreError.corrupt` that names the first round that is missing or not what was written.
    public static func verify(_ links: [RecordLink], of run: StoredRun) throws(StoreError) -> Head {
        var head = Head(rounds: 0, unchained: 0, hash: nil)
        var previous = start(of: run)
        for (index, link) in links.enumerated() {
            guard link.round.rawValue == index + 1 else {
                throw StoreError(
                    .corrupt, "the record of round \(index + 1) of run \(run.id) is missing in state.sqlite")
            }
            guard let hash = link.hash else {
                guard head.rounds == 0 else {
                    throw StoreError(
                        .corrupt, "the record of round \(link.round) of run \(run.id) has lost its hash in state.sqlite"
                    )
                }
                head.unchained += 1
                continue
            }
            guard hash == next(after: previous, plan: link.plan, record: link.record) else {
                let more = head.rounds == 0 ? ", or the run's configuration," : ""
                throw StoreError(
                    .corrupt,
                    "round \(link.round) of run \(run.id) is not what was written: its plan, its record or its hash\(more) "
                        + "was changed in state.sqlite")
            }
            previous = hash
            head.rounds += 1
            head.hash = hash
        }
        return head
    }

    /// H₀.
    static func start(of run: StoredRun) -> String {
        hash(["fedcoord-run-1", run.id.rawValue, run.name, String(run.seed), run.configuration])
    }

    /// Hₙ from Hₙ₋₁ and what is stored of round n.
    static func next(after previous: String, plan: String, record: String) -> String {
        hash(["fedcoord-round-1", previous, plan, record])
    }

    private static func hash(_ parts: [String]) -> String {
        var hash = SHA256()
        for part in parts {
            let bytes = Array(part.utf8)
            hash.update(data: (0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) })
            hash.update(data: bytes)
        }
        return ModelDigest.hexadecimal(hash.finalize())
    }
}
