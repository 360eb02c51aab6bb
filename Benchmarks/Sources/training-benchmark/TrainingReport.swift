// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What `--json` prints.
struct TrainingReport: Encodable {
    /// One case's figure.
    struct Figure: Encodable {
        /// The case.
        let name: String
        /// Images per CPU-second.
        let imagesPerSecond: Double
    }

    /// What it was measured on.
    let machine: Machine
    /// The cases, in the order asked for.
    let figures: [Figure]
}
