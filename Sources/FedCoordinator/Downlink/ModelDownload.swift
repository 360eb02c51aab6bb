// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import FedTransport
internal import FedWire

/// The bytes that bring a worker to the model of a round, and how they are to be read.
struct ModelDownload: Sendable {
    /// The bytes.
    var payload: OutgoingPayload
    /// How they are encoded.
    var codec: CodecID
    /// The vectors that follow the model.
    var modelState: [String] = []
    /// Where the bytes are steps.
    var steps: Assignment.Steps?
    /// What the steps should lead to, where that is to be verified.
    var modelSHA256: [UInt8]?
}
