// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore
package import FedTransport
package import FedWire

/// The bytes that bring a worker to the model of a round, and how they are to be read.
package struct ModelDownload: Sendable {
    /// The bytes.
    package var payload: OutgoingPayload
    /// How they are encoded.
    package var codec: CodecID
    /// The vectors that follow the model.
    package var modelState: [String] = []
    /// Where the bytes are steps.
    package var steps: Assignment.Steps?
    /// What the steps should lead to, where that is to be verified.
    package var modelSHA256: [UInt8]?
}
