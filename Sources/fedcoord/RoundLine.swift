// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCommandLine
import FedCoordinator
import FedCore

/// The one line that a committed round gets.
enum RoundLine {
    /// As in `round 12/50 | 4/4 ok | accuracy 0.951 | 1.9 s | 0.21 MB up (20.1x) | loss 0.171`.
    ///
    /// With `showsDownlink` also the bytes that went down.
    static func text(
        _ round: RunReport.Round, of rounds: Int?, denseUplinkBytes: Int?, showsDownlink: Bool = false
    ) -> String {
        var parts = [
            "round \(round.round)\(rounds.map { "/\($0)" } ?? "")", "\(round.accepted)/\(round.participants) ok",
        ]
        if !round.late.isEmpty { parts.append("late: \(names(round.late))") }
        if !round.folded.isEmpty { parts.append("folded: \(names(round.folded))") }
        if let accuracy = round.accuracy { parts.append("accuracy \(Quantity.decimal(accuracy, 3))") }
        if let robust = round.robustAccuracy { parts.append("robust \(Quantity.decimal(robust, 3))") }
        if let personal = round.personal {
            parts.append("personal \(Quantity.decimal(personal.accuracy, 3))")
            if let robust = personal.robustAccuracy { parts.append("robust \(Quantity.decimal(robust, 3))") }
        }
        parts.append(Quantity.seconds(round.seconds))
        let factor = denseUplinkBytes.map { " (\(Quantity.factor(round.uplinkBytes, of: $0)))" } ?? ""
        parts.append("\(Quantity.bytes(round.uplinkBytes)) up\(factor)")
        if showsDownlink { parts.append("\(Quantity.bytes(round.downlinkBytes)) down") }
        if let loss = round.loss {
            parts.append("loss \(Quantity.decimal(loss, 3))")
        } else if round.accuracy != nil {
            parts.append("loss not finite")
        }
        return parts.joined(separator: " | ")
    }

    /// The first three, and how many more there are.
    private static func names(_ workers: [WorkerID]) -> String {
        workers.prefix(3).map(\.rawValue).joined(separator: ", ")
            + (workers.count > 3 ? " and \(workers.count - 3) more" : "")
    }
}
