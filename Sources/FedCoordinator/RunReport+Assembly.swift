// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import FedStore
public import Foundation

extension RunReport.Round {
    /// What the report says of a committed round.
    public init(_ record: RoundRecord) {
        self.init(
            round: record.round.rawValue, participants: record.participants.count, accepted: record.accepted.count,
            refused: record.refused.count, folded: record.folded.map(\.update.worker),
            late: record.late.map(\.worker),
            accuracy: record.evaluation?.accuracy, loss: record.evaluation?.finiteLoss,
            robustAccuracy: record.evaluation?.robustAccuracy,
            uplinkBytes: record.uplinkBytes, downlinkBytes: record.downlinkBytes, seconds: record.seconds)
    }
}

extension RoundRecord {
    /// How many values the updates of the round stand for, of a model of `parameters` that is made of `parts`.
    package func updatedValues(parameters: Int, parts: TrainedParts) -> Int {
        (accepted + folded.map(\.update)).reduce(0) {
            $0 + parts.count(bases: $1.bases, width: $1.width, of: parameters)
        }
    }
}

extension Evaluation {
    /// The loss, unless it is NaN or infinite, as that of a model that diverged is: JSON has no such numbers.
    fileprivate var finiteLoss: Double? { loss.isFinite ? loss : nil }
}

extension RunReport {
    /// The report of a run's committed rounds; `parts` are what workers trained of the model by itself.
    public init(
        run: RunID, config: RunConfig, parts: TrainedParts = .bases(1), parameters: Int, rounds records: [RoundRecord],
        modelSHA256: String,
        recordSHA256: String? = nil, modelPath: String, peakResidentBytes: Int, quarantined: [StoredQuarantine] = []
    ) {
        let updates = records.reduce(0) { $0 + $1.accepted.count + $1.folded.count }
        let values = records.reduce(0) { $0 + $1.updatedValues(parameters: parameters, parts: parts) }
        // Where workers train parts, what goes down is taken to be as much as what comes up.
        let denseBytes = MemoryLayout<Float>.size * (updates == 0 || !parts.isDivided ? parameters : values / updates)
        let uplinkBytes = records.reduce(0) { $0 + $1.uplinkBytes }
        let downlinkBytes = records.reduce(0) { $0 + $1.downlinkBytes }
        let models = records.reduce(0) { $0 + $1.modelsSent }
        let evaluation = records.last { $0.evaluation != nil }?.evaluation
        self.init(
            run: run, name: config.name, seed: config.seed, strategy: config.strategy.name,
            workers: Set(records.flatMap(\.participants)).count,
            codec: Codec(uplink: config.uplink.codec, downlink: config.downlink.codec), parameters: parameters,
            quarantined: Dictionary(uniqueKeysWithValues: quarantined.map { ($0.worker.rawValue, $0.reason) }),
            verification: Self.verification(in: records),
            baseUpdates: Self.baseUpdates(in: records.filter { !config.isMeasuring($0.round) }, of: parts),
            widthUpdates: Self.widthUpdates(in: records, of: parts),
            rounds: records.map(Round.init),
            final: Final(
                accuracy: evaluation?.accuracy, loss: evaluation?.finiteLoss,
                robustAccuracy: evaluation?.robustAccuracy, uplinkBytes: uplinkBytes,
                downlinkBytes: downlinkBytes, denseUplinkBytes: values * MemoryLayout<Float>.size,
                denseDownlinkBytes: models * denseBytes,
                uplinkBitsPerParameter: values == 0 ? 0 : Double(uplinkBytes) * 8 / Double(values),
                seconds: records.reduce(0) { $0 + $1.seconds }, peakResidentBytes: peakResidentBytes),
            modelSHA256: modelSHA256, recordSHA256: recordSHA256, modelPath: modelPath)
    }

    private static func verification(in records: [RoundRecord]) -> CopyChecks? {
        let checks = records.compactMap(\.verification)
        guard !checks.isEmpty else { return nil }
        return CopyChecks(
            comparisons: checks.reduce(0) { $0 + $1.comparisons }, repairs: checks.reduce(0) { $0 + $1.repairs })
    }

    private static func baseUpdates(in records: [RoundRecord], of parts: TrainedParts) -> [Int]? {
        guard case .bases(let bases) = parts, bases > 1 else { return nil }
        var counts = [Int](repeating: 0, count: bases)
        for update in records.flatMap({ $0.accepted + $0.folded.map(\.update) }) {
            for base in update.bases ?? [] where counts.indices.contains(base) { counts[base] += 1 }
        }
        return counts
    }

    private static func widthUpdates(in records: [RoundRecord], of parts: TrainedParts) -> [String: Int]? {
        guard case .levels(let levels) = parts else { return nil }
        let widths = records.flatMap { $0.accepted + $0.folded.map(\.update) }.compactMap(\.width)
        return Dictionary(
            uniqueKeysWithValues: levels.map { level in
                (level.width.description, widths.count { $0 == level.width })
            })
    }

    /// The report as JSON; throws `EncodingError`.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}
