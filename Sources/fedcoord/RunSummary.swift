// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCommandLine
import FedCoordinator
import FedStore
import Foundation

/// What `run list` and `run show` say of a run.
struct RunSummary: Encodable {
    let run: String
    let name: String
    let state: String
    let committedRounds: Int
    let accuracy: Double?
    let robustAccuracy: Double?
    let modelSHA256: String?
    let created: Date
    let rounds: [String]

    private enum CodingKeys: String, CodingKey {
        case run, name, state, committedRounds, accuracy, robustAccuracy, modelSHA256, created
    }

    init(_ stored: StoredRun, rounds all: [StoredRound]) {
        let records = all.compactMap(\.record)
        run = stored.id.rawValue
        name = stored.name
        state = stored.state.rawValue
        committedRounds = records.count
        let evaluation = records.last { $0.evaluation != nil }?.evaluation
        accuracy = evaluation?.accuracy
        robustAccuracy = evaluation?.robustAccuracy
        modelSHA256 = stored.modelSHA256
        created = stored.created
        rounds = records.map { record in
            RoundLine.text(RunReport.Round(record), of: nil, denseUplinkBytes: nil, showsDownlink: true)
        }
    }

    /// One line.
    var line: String {
        var parts = ["\(run)", state, "\(committedRounds) rounds"]
        if let accuracy { parts.append("accuracy \(Quantity.decimal(accuracy, 3))") }
        if let robustAccuracy { parts.append("robust \(Quantity.decimal(robustAccuracy, 3))") }
        if let modelSHA256 { parts.append("model \(modelSHA256.prefix(16))") }
        return parts.joined(separator: " | ")
    }

    static func json(_ summaries: [RunSummary]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return String(decoding: try encoder.encode(summaries), as: UTF8.self)
    }
}
