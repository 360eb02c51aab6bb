// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCommandLine
import FedCore
import FedModels
import FedTraining
import Foundation

/// What `fedcoord model` says of a model.
struct ModelSummary: Encodable {
    let model: String
    let run: String
    let architecture: String
    let dataset: String
    let examples: ExampleShape
    let width: WidthRatio
    let bases: [Int]
    let baseWidth: WidthRatio
    let widths: [WidthRatio]
    let normalization: Normalization
    let statistics: NormalizationStatistics
    let robustness: Float
    let domain: ModelCard.Domain?
    let workersOwn: [ParameterRole]?
    let parameters: Int
    let multiplications: Int

    /// Throws `TrainingError`.
    init(_ model: TrainedModel, path: String) throws {
        self.model = path
        run = model.run.rawValue
        architecture = model.card.model.architecture
        dataset = model.card.dataset
        examples = model.card.examples
        width = model.width
        bases = model.card.bases
        baseWidth = model.card.model.width
        widths = model.widths
        normalization = model.card.model.normalization
        statistics = model.card.model.statistics
        robustness = model.card.robustness
        domain = model.card.domain
        workersOwn = model.card.workersOwn
        let size = try model.size
        parameters = size.trainedParameters
        multiplications = size.multiplications
    }

    /// For people, one line each.
    var lines: [String] {
        let order = bases.count <= 16 ? ", in the order \(bases.map(String.init).joined(separator: ", "))" : ""
        let narrower = widths.dropLast().map(\.description).joined(separator: ", ")
        let parts =
            if bases.count > 1 {
                "\(bases.count) base networks of width \(baseWidth)\(order)"
            } else if !narrower.isEmpty {
                "one network with those of \(narrower) in it"
            } else { "one network" }
        var lines = [
            "model     \(architecture) of run \(run), width \(width): \(parts)",
            "examples  \(examples), as data set \(dataset) has them",
            "size      \(Self.millions(parameters)) parameters, \(Self.millions(multiplications)) multiplications an example",
        ]
        if normalization.isDual {
            lines.append("norms     dual, robustness \(robustness) of 0 (clean) to 1 (robust)")
        }
        if statistics == .batch { lines.append("norms     by the batch: predictions depend on each other") }
        if let domain { lines.append("domain    \(domain.attribute) \(domain.value): a worker's own model") }
        if workersOwn != nil {
            lines.append(
                "shared    what workers train together; each has its own batch normalisation: no model to classify with"
            )
        }
        return lines
    }

    /// As in `0.224 M`, or `9170`.
    static func millions(_ count: Int) -> String {
        count < 10_000 ? "\(count)" : "\(Quantity.decimal(Double(count) / 1e6, 3)) M"
    }
}
