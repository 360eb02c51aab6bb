// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

extension Fedcoord_V1_ModelRequest {
    init(_ message: ModelRequest) {
        self.init()
        run = message.run.rawValue
        round = Int64(message.round.rawValue)
        reason =
            switch message.reason {
            case .notHeld: .notHeld
            case .mismatch: .mismatch
            case .unusable: .unusable
            }
    }

    /// A reason of a later version counts as `unusable`.
    func decoded() throws(WireError) -> ModelRequest {
        let reason: ModelRequest.Reason =
            switch self.reason {
            case .notHeld: .notHeld
            case .mismatch: .mismatch
            case .unusable, .unspecified, .UNRECOGNIZED: .unusable
            }
        return ModelRequest(
            run: try FieldRules.checked("run") { () throws(CoreError) in try RunID(run) }, round: RoundID(Int(round)),
            reason: reason)
    }
}

extension Fedcoord_V1_ScaleReport {
    init(_ message: ScaleReport) throws(WireError) {
        self.init()
        run = message.run.rawValue
        round = Int64(message.round.rawValue)
        scales = message.scales
        _ = try decoded()
    }

    /// Lenient about numbers, which the coordinator judges.
    func decoded() throws(WireError) -> ScaleReport {
        try FieldRules.require(
            scales.count <= ScaleReport.maximumScales, "at most \(ScaleReport.maximumScales) scales are reported")
        return ScaleReport(
            run: try FieldRules.checked("run") { () throws(CoreError) in try RunID(run) }, round: RoundID(Int(round)),
            scales: scales)
    }
}

extension Fedcoord_V1_SharedScales {
    init(_ message: SharedScales) throws(WireError) {
        self.init()
        run = message.run.rawValue
        round = Int64(message.round.rawValue)
        scales = message.scales
        _ = try decoded()
    }

    func decoded() throws(WireError) -> SharedScales {
        try FieldRules.require(
            scales.count <= ScaleReport.maximumScales, "at most \(ScaleReport.maximumScales) scales are shared")
        try FieldRules.require(
            scales.allSatisfy { $0 >= 0 && $0.isFinite }, "shared scales are finite and not negative")
        return SharedScales(
            run: try FieldRules.checked("run") { () throws(CoreError) in try RunID(run) }, round: RoundID(Int(round)),
            scales: scales)
    }
}
