// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTraining

/// The features of a batch between two layers, [example][channel][row][column].
struct ReferenceMaps {
    var shape: InputShape
    var values: [Double]

    /// The number of examples.
    var batch: Int { values.count / shape.count }

    /// Where a plane of one channel of one example begins.
    func plane(_ example: Int, _ channel: Int) -> Int { (example * shape.channels + channel) * shape.pixels }
}
