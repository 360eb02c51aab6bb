// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// The scales of a trained change, before it is quantised (TernGrad, section 3.2, scaler sharing).
///
/// The numbers are as the worker sent them: the coordinator judges.
public struct ScaleReport: Hashable, Sendable {
    /// No report has more scales.
    public static let maximumScales = ModelLayout.maximumTensors

    /// The run of the assignment.
    public var run: RunID
    /// The round of the assignment.
    public var round: RoundID
    /// One for each coded tensor, in layout order.
    public var scales: [Float]

    /// A report.
    public init(run: RunID, round: RoundID, scales: [Float]) {
        self.run = run
        self.round = round
        self.scales = scales
    }
}
