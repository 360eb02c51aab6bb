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

    /// Makes `images`, at most `maximumBatch`, the next pass's batch and returns how many they are; without labels all are 0.
    func setExamples(_ images: [Float], labels: [Int32]? = nil) -> Int {
        let batch = images.count / input.count
        precondition(
            batch <= maximumBatch && images.count == batch * input.count && labels?.count ?? batch == batch,
            "whole images, each with a row and a label")
        images.withUnsafeBufferPointer { source in
            if let first = source.baseAddress { inputValues.start.update(from: first, count: source.count) }
        }
        for row in 0..<batch { self.labels[row] = labels?[row] ?? 0 }
        return batch
    }
}
