// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import ArgumentParser
import FedCommandLine
public import FedCore
import FedIdentity
import FedModels
import FedStore
import Foundation

/// The argument that names a model: a file, or a run.
struct ModelOptions: ParsableArguments {
    @OptionGroup var federation: FederationOptions

    @Argument(
        help:
            "A model file, a folder with a model.safetensors, or a finished run as 'fedcoord run list' names it."
    )
    var model: String

    /// Where the model's file is.
    ///
    /// Throws `ProgramFailure` for a run that is not there or not finished, and for a name that is neither.
    func path() async throws -> String {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: model, isDirectory: &isFolder) {
            guard isFolder.boolValue else { return model }
            let inside = Self.file(in: model)
            if FileManager.default.fileExists(atPath: inside) { return inside }
        }
        guard (try? RunID(model)) != nil, !model.hasSuffix(".safetensors") else {
            throw ProgramFailure(.usage, "there is no model \(model): name a model file or a finished run")
        }
        guard (try? federation.open()) != nil else {
            throw ProgramFailure(
                .usage,
                "there is no file \(model), and no federation in \(federation.directory) that could have a run of that "
                    + "name: give a model file, or --directory")
        }
        let (directory, _, run) = try await federation.find(model)
        guard run.state == .finished else {
            throw ProgramFailure(
                .usage,
                "run \(run.id) is \(run.state.rawValue): it has a model once all its rounds are done "
                    + "('fedcoord run why \(run.id)')")
        }
        return Self.file(in: directory.run(run.id))
    }

    /// Reads the model; throws as `path`, `StoreError` or `TrainingError`.
    func load() async throws -> TrainedModel { try TrainedModel(reading: await path()) }

    private static func file(in folder: String) -> String {
        URL(fileURLWithPath: folder).appendingPathComponent("model.safetensors").path
    }
}

/// The options that cut a model.
struct CutOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The width to cut to, such as 1/2; by default all of the model.", valueName: "fraction"))
    var width: WidthRatio?

    @Option(
        help: ArgumentHelp(
            "How the two batch norms are mixed, from 0 (clean) to 1 (robust); by default as the model says.",
            valueName: "share"))
    var robustness: Float?

    @Option(
        help: ArgumentHelp(
            "What batch norms normalise by: averaged (running statistics) or batch; by default as the model says.",
            valueName: "kind"))
    var statistics: NormalizationStatistics?

    /// The whole model with these statistics, by which base networks are then ordered; throws `ModelError`.
    func normalizing(_ model: TrainedModel) throws(ModelError) -> TrainedModel {
        try model.customized(statistics: statistics)
    }

    /// The cut; throws `ModelError`.
    func cut(_ model: TrainedModel) throws(ModelError) -> TrainedModel {
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
