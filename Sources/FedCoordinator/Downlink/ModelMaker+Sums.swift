// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCore
internal import FedStrategies

extension ModelMaker {
    /// The payload of the sums of ternary updates of weight 1, with the scales that these shared.
    ///
    /// Throws `StrategyError.invalidSpecification` for more updates than one payload can be of, and `CodecError`.
    func sums(of changes: any Aggregation, _ layout: ModelLayout, scales: [Float]?) throws -> [UInt8] {
        guard let codec = codec as? TernarySumCodec, let scales, let exact = changes.exactSum else {
            preconditionFailure("ternary sums are made of updates with shared scales")
        }
        guard changes.contributions <= TernarySumCodec.maximumUpdates else {
            throw StrategyError(
                .invalidSpecification,
                "downlink.codec: ternary-sum takes at most \(TernarySumCodec.maximumUpdates) updates a round, not "
                    + "\(changes.contributions): lower cohort.fraction")
        }
        let mean = try ParameterVector(layout: layout, values: changes.finish())
        return try codec.encode(exact, of: changes.contributions, weight: 1, scales: scales, mean: mean)
    }
}
