// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

extension Network {
    /// Throws `TrainingError.shapeMismatch` unless the network can be trained and evaluated on `data`.
    func checkFits(_ data: Dataset) throws(TrainingError) {
        guard data.count >= 1 else {
            throw TrainingError(.shapeMismatch, "data set \(data.name) has no examples: give this worker a part of it")
        }
        guard data.input == input, data.classes <= classes else {
            throw TrainingError(
                .shapeMismatch,
                "the network takes \(input) images of \(classes) classes, but data set \(data.name) has \(data.input) "
                    + "images of \(data.classes): build the network for this data set")
        }
    }

    /// Makes example `index` of `data`, which fits (`checkFits`), example `row` of the next pass.
    func setExample(_ row: Int, from data: Dataset, at index: Int) {
        precondition(row >= 0 && row < maximumBatch && data.input == input, "the example fits and has a row")
        data.copyExample(at: index, to: inputValues.start + row * input.count)
        labels[row] = data.labels[index]
    }

    /// Makes image `index` of `images` example `row` of the next pass.
    func setExample(_ row: Int, from images: UnsafeBufferPointer<Float>, at index: Int, label: Int32) {
        let size = input.count
        precondition(row < maximumBatch && (index + 1) * size <= images.count, "the example exists and has a row")
        if let source = images.baseAddress {
            (inputValues.start + row * size).update(from: source + index * size, count: size)
        }
        labels[row] = label
    }
}
