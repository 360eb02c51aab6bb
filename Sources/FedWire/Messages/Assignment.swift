// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Train this on that, and send the change back.
public struct Assignment: Hashable, Sendable {
    /// What to do.
    public var assignment: WorkerAssignment
    /// The bytes of the model to start from.
    public var model: TransferHeader
    /// How those bytes are encoded.
    public var modelCodec: CodecID

    /// An assignment with the model that it starts from.
    public init(assignment: WorkerAssignment, model: TransferHeader, modelCodec: CodecID) {
        self.assignment = assignment
        self.model = model
        self.modelCodec = modelCodec
    }
}
