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

extension Evaluation {
    /// The loss, unless it is NaN or infinite, as that of a model that diverged is: JSON has no such numbers.
    fileprivate var finiteLoss: Double? { loss.isFinite ? loss : nil }
}

extension RunReport {
    /// The report of a run's committed rounds.
    public init(
        run: RunID, config: RunConfig, parameters: Int, rounds records: [RoundRecord], modelSHA256: String,
        recordSHA256: String? = nil, modelPath: String, peakResidentBytes: Int, quarantined: [StoredQuarantine] = []
    ) {
        let denseBytes = parameters * MemoryLayout<Float>.size
        let updates = records.reduce(0) { $0 + $1.accepted.count + $1.folded.count }
        let uplinkBytes = records.reduce(0) { $0 + $1.uplinkBytes }
        let downlinkBytes = records.reduce(0) { $0 + $1.downlinkBytes }
        let models = records.reduce(0) { $0 + $1.modelsSent }
        let evaluation = records.last { $0.evaluation != nil }?.evaluation
        self.init(
            run: run, name: config.name, seed: config.seed, strategy: config.strategy.name,
            workers: Set(records.flatMap(\.participants)).count,
            codec: Codec(uplink: config.uplink.codec, downlink: config.downlink.codec), parameters: parameters,
            quarantined: Dictionary(uniqueKeysWithValues: quarantined.map { ($0.worker.rawValue, $0.reason) }),
            rounds: records.map(Round.init),
            final: Final(
                accuracy: evaluation?.accuracy, loss: evaluation?.finiteLoss,
                robustAccuracy: evaluation?.robustAccuracy, uplinkBytes: uplinkBytes,
                downlinkBytes: downlinkBytes, denseUplinkBytes: updates * denseBytes,
                denseDownlinkBytes: models * denseBytes,
                uplinkBitsPerParameter: updates == 0 ? 0 : Double(uplinkBytes) * 8 / Double(updates * parameters),
                seconds: records.reduce(0) { $0 + $1.seconds }, peakResidentBytes: peakResidentBytes),
            modelSHA256: modelSHA256, recordSHA256: recordSHA256, modelPath: modelPath)
    }

    /// The report as JSON; throws `EncodingError`.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}
