// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

extension Dataset {
    /// What its examples look like to a model.
    public var exampleShape: ExampleShape {
        ExampleShape(channels: input.channels, height: input.height, width: input.width, classes: classes)
    }

    /// Throws `TrainingError.shapeMismatch`, naming both shapes, unless a model for `expected` can be trained on it.
    public func checkFits(_ expected: ExampleShape) throws(TrainingError) {
        guard exampleShape != expected else { return }
        let remedy =
            DatasetRegistry.tabular.contains(name)
            ? "give all workers and the coordinator one schema ('fedcoord data schema')"
            : "use the data that the run is about, or choose a model and a data set that belong together"
        throw TrainingError(
            .shapeMismatch,
            "data set \(name) has examples of \(exampleShape), but the model takes \(expected): \(remedy)")
    }
}
