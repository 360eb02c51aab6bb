// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Train this on that, and send the change back.
public struct Assignment: Hashable, Sendable {
    /// The bytes of a transfer as steps from one model version to another.
    public struct Steps: Hashable, Sendable {
        /// No chain is longer.
        public static let maximumCount = 4096

        /// The version that the first step is taken from.
        public var from: ModelVersion
        /// The length of each step in bytes; their sum is the transfer's.
        public var byteCounts: [Int]

        /// A chain of steps.
        public init(from: ModelVersion, byteCounts: [Int]) {
            self.from = from
            self.byteCounts = byteCounts
        }
    }

    /// No more vectors travel beside a model.
    public static let maximumStateVectors = 8

    /// What to do.
    public var assignment: WorkerAssignment
    /// The bytes of the model to start from.
    public var model: TransferHeader
    /// How those bytes are encoded.
    public var modelCodec: CodecID
    /// Names, ascending, of vectors as long as the model that follow its values in the same payload.
    public var modelState: [String]
    /// Where the bytes are no model but steps to it.
    public var steps: Steps?
    /// SHA-256, 32 bytes, of the model that the steps lead to, as little-endian float32.
    public var modelSHA256: [UInt8]?
    /// What the worker is to have as running statistics over attacked inputs before it trains; nil for what it has.
    public var adversarialStatistics: [Float]?

    /// An assignment with the model that it starts from, or steps to it.
    public init(
        assignment: WorkerAssignment, model: TransferHeader, modelCodec: CodecID, modelState: [String] = [],
        steps: Steps? = nil, modelSHA256: [UInt8]? = nil, adversarialStatistics: [Float]? = nil
    ) {
        self.adversarialStatistics = adversarialStatistics
        self.modelState = modelState
        self.steps = steps
        self.modelSHA256 = modelSHA256
        self.assignment = assignment
        self.model = model
        self.modelCodec = modelCodec
    }
}
