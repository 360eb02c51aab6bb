// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

extension ModelZoo {
    /// The layout of a model for the examples of `data`.
    ///
    /// Throws `TrainingError.unknownArchitecture`, or `.invalidModel`, naming model and data, where the model cannot be
    /// built for such examples.
    public static func layout(_ spec: ModelSpec, for data: Dataset) throws(TrainingError) -> ModelLayout {
        do {
            return try layout(spec, input: data.input, classes: data.classes)
        } catch {
            guard error == TrainingError(.invalidModel, "") else { throw error }
            throw TrainingError(
                .invalidModel,
                "model \(spec.architecture) cannot be built for data set \(data.name), whose examples are "
                    + "\(data.exampleShape) (\(error.message)): choose another model or other data")
        }
    }

    /// How large a model would be for such examples, without allocating it; throws as `makeNetwork` does.
    public static func size(of spec: ModelSpec, for examples: ExampleShape) throws(TrainingError) -> ModelSize {
        let input = InputShape(channels: examples.channels, height: examples.height, width: examples.width)
        return try size(of: spec, input: input, classes: examples.classes)
    }
}
