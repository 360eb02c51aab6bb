// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

extension Dataset {
    /// Throws `TrainingError.invalidSpecification` unless the examples are images, which can be cropped and mirrored.
    public func checkCanBeVaried() throws(TrainingError) {
        guard input.pixels > 1 else {
            throw TrainingError(
                .invalidSpecification,
                "training.augmentation crops and mirrors images, and the examples of data set \(name) are none: remove the "
                    + "section")
        }
    }
}
