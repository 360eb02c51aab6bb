// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCore
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
