// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A status in words.
extension RunStatus {
    /// What happens next, and when, if the status is `age` seconds old.
    public func next(age: Double = 0) -> String {
        let left = secondsLeft.map { Self.seconds(max(0, $0 - age)) } ?? "a while"
        let quorum = round?.quorum ?? 1
        return switch phase {
        case .workers: "the next round begins when \(needed ?? 1) workers are connected, now \(connected)"
        case .everybody:
            "the round closes when \(round?.wanted ?? 1) updates are in, else in \(left) but for what moves; it needs \(quorum)"
        case .returning: "the round closes in \(left) unless a lost worker comes back"
        case .quorum:
            "the round is tried again in \(left) with the workers that are there unless lost ones come back; it needs "
                + "\(quorum) updates"
        case .movement: "the deadline is over: the round closes when nothing moves any more, in \(left) at the latest"
        case .model: "the round is closed, and its model is being made"
        }
    }

    /// A duration as people say it: `0.4 s`, `12 s`, `5 min`, `3.5 h`.
    public static func seconds(_ seconds: Double) -> String {
        switch seconds {
        case ..<10: "\((seconds * 10).rounded() / 10) s"
        case ..<120: "\(Int(seconds.rounded())) s"
        case ..<7200: "\(Int((seconds / 60).rounded())) min"
        default: "\((seconds / 360).rounded() / 10) h"
        }
    }
}

extension RunStatus.Worker {
    /// What it does and since when, if the status is `age` seconds old: `training for 12 s, 40 % done`.
    public func sentence(age: Double = 0) -> String {
        let duration = seconds.map { " for \(RunStatus.seconds($0 + age))" } ?? ""
        let still = stillSeconds + age >= 10 ? ", nothing moved for \(RunStatus.seconds(stillSeconds + age))" : ""
        let done = share > 0 ? ", \(Int(share * 100)) % done" : ""
        return switch activity {
        case .absent: "not connected\(duration)" + (bytes > 0 ? ", \(bytes) bytes had come" : "")
        case .training: "training\(duration)\(done)\(still)"
        case .sending: "sending, \(bytes) bytes have come\(duration)\(still)"
        }
    }
}
