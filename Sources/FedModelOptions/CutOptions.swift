// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import ArgumentParser
public import FedCore
public import FedModels

/// The options that cut a model.
public struct CutOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The width to cut to, such as 1/2; by default all of the model.", valueName: "fraction"))
    private var width: WidthRatio?

    @Option(
        help: ArgumentHelp(
            "How the two batch norms are mixed, from 0 (clean) to 1 (robust); by default as the model says.",
            valueName: "share"))
    private var robustness: Float?

    @Option(
        help: ArgumentHelp(
            "What batch norms normalise by: averaged (running statistics) or batch; by default as the model says.",
            valueName: "kind"))
    private var statistics: NormalizationStatistics?

    public init() {}

    /// The whole model with these statistics, by which base networks are then ordered; throws `ModelError`.
    public func normalizing(_ model: TrainedModel) throws(ModelError) -> TrainedModel {
        try model.customized(statistics: statistics)
    }

    /// The cut; throws `ModelError`.
    public func cut(_ model: TrainedModel) throws(ModelError) -> TrainedModel {
        try model.customized(width: width, robustness: robustness, statistics: statistics)
    }
}

extension NormalizationStatistics: ExpressibleByArgument {
    /// What a trained model can be used with: measuring takes a run.
    public static var allValueStrings: [String] { [averaged.rawValue, batch.rawValue] }

    public init?(argument: String) {
        guard Self.allValueStrings.contains(argument) else { return nil }
        self.init(rawValue: argument)
    }
}

extension WidthRatio: ExpressibleByArgument {
    public init?(argument: String) {
        guard let width = try? WidthRatio(text: argument) else { return nil }
        self = width
    }
}
