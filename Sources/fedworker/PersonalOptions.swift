// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedModels
import Foundation

/// The options that name a worker's own model.
struct PersonalOptions: ParsableArguments {
    @Option(help: "The worker's state directory, whose model is used where no model file is named.")
    var state = FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".fedworker").path

    @Option(help: "The run whose model is used; by default the one that was trained last.")
    var run: String?

    /// The model in a file, or the worker's own where there is no file; throws `ProgramFailure`, `StoreError` or
    /// `TrainingError`.
    func model(file: String?) throws -> (model: TrainedModel, path: String) {
        let path = try file ?? PersonalModels(in: state).path(of: run)
        return (try TrainedModel(reading: path), path)
    }
}
