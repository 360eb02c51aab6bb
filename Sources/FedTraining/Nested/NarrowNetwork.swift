// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// A network whose parameters are a slice of a wider one's, trained with it on the same batches.
struct NarrowNetwork {
    /// The narrow network.
    let network: Network
    /// Where it lies in the wide one.
    let slice: NestedSlice

    /// Takes over the parameters of `wide` and the first `batch` examples of its batch.
    func begin(from wide: Network, batch: Int) {
        slice.forEachRun { narrow, full, count in
            (network.values.start + narrow).update(from: wide.values.start + full, count: count)
        }
        network.inputValues.start.update(from: wide.inputValues.start, count: batch * network.input.count)
        for row in 0..<batch { network.labels[row] = wide.labels[row] }
    }

    /// Adds the gradient of the last backward pass to that of `wide`.
    func addGradient(to wide: Network) {
        slice.forEachRun { narrow, full, count in
            fed_add(wide.gradientValues.start + full, network.gradientValues.start + narrow, count)
        }
    }
}
