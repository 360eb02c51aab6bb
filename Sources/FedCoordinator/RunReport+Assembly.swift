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
    /// How many values the updates of the round stand for, of a model of `parameters` in `bases` networks.
    package func updatedValues(parameters: Int, bases: Int) -> Int {
        (accepted + folded.map(\.update)).reduce(0) { sum, update in
            sum + (update.bases.map { $0.count * (parameters / bases) } ?? parameters)
        }
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
        let bases = config.network.bases
        let updates = records.reduce(0) { $0 + $1.accepted.count + $1.folded.count }
        let values = records.reduce(0) { $0 + $1.updatedValues(parameters: parameters, bases: bases) }
        // Where workers train parts, what goes down is taken to be as much as what comes up.
        let denseBytes = MemoryLayout<Float>.size * (updates == 0 || bases == 1 ? parameters : values / updates)
        let uplinkBytes = records.reduce(0) { $0 + $1.uplinkBytes }
        let downlinkBytes = records.reduce(0) { $0 + $1.downlinkBytes }
        let models = records.reduce(0) { $0 + $1.modelsSent }
        let evaluation = records.last { $0.evaluation != nil }?.evaluation
        self.init(
            run: run, name: config.name, seed: config.seed, strategy: config.strategy.name,
            workers: Set(records.flatMap(\.participants)).count,
            codec: Codec(uplink: config.uplink.codec, downlink: config.downlink.codec), parameters: parameters,
            quarantined: Dictionary(uniqueKeysWithValues: quarantined.map { ($0.worker.rawValue, $0.reason) }),
            baseUpdates: bases == 1
                ? nil : Self.baseUpdates(in: records.filter { !config.isMeasuring($0.round) }, bases: bases),
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

    private static func baseUpdates(in records: [RoundRecord], bases: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: bases)
        for update in records.flatMap({ $0.accepted + $0.folded.map(\.update) }) {
            for base in update.bases ?? [] where counts.indices.contains(base) { counts[base] += 1 }
        }
        return counts
    }

    /// The report as JSON; throws `EncodingError`.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}
