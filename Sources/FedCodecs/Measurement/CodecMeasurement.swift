// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// What a codec makes of one update: how many bytes, how fast, and what it loses.
public struct CodecMeasurement: Sendable {
    /// The codec and its options.
    public let spec: CodecSpec
    /// The entries of the update.
    public let entries: Int
    /// The bytes of its payload.
    public let payloadBytes: Int
    /// What is left of it.
    public let loss: UpdateLoss
    /// Seconds to encode it, random numbers included.
    public let encodeSeconds: Double
    /// Seconds to decode it and add it to a fixed-point sum.
    public let foldSeconds: Double

    /// Bits of the payload for each entry.
    public var bitsPerEntry: Double { 8 * Double(payloadBytes) / Double(entries) }

    /// How many times smaller the payload is than the entries in float32.
    public var ratio: Double { Double(MemoryLayout<Float>.size * entries) / Double(payloadBytes) }

    /// Entries of the update that are encoded in a second.
    public var encodedEntriesPerSecond: Double { Double(entries) / encodeSeconds }

    /// Entries of the update, zeros included, that are decoded and added in a second.
    public var foldedEntriesPerSecond: Double { Double(entries) / foldSeconds }

    /// Entries other than 0 that are decoded and added in a second.
    public var foldedNonZerosPerSecond: Double { Double(loss.nonZeros) / foldSeconds }
}
