// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// What is left of an update once a codec has encoded and decoded it.
public struct UpdateLoss: Hashable, Sendable {
    /// ‖decoded − update‖ / ‖update‖: 0 for the same values, infinite where something was made out of zeros.
    public let relativeError: Double
    /// The cosine of the angle between both, in [-1, 1]; 0 where one of them is all zeros.
    public let cosine: Double
    /// Entries of the decoded update that are not 0.
    public let nonZeros: Int

    /// Compares two vectors of as many entries.
    public init(of update: ParameterVector, decoded: ParameterVector) {
        precondition(update.values.count == decoded.values.count, "an update decodes to as many entries")
        var (square, decodedSquare, product, error) = (0.0, 0.0, 0.0, 0.0)
        var nonZeros = 0
        update.values.withUnsafeBufferPointer { update in
            decoded.values.withUnsafeBufferPointer { decoded in
                for index in update.indices {
                    let (value, other) = (Double(update[index]), Double(decoded[index]))
                    square += value * value
                    decodedSquare += other * other
                    product += value * other
                    error += (other - value) * (other - value)
                    nonZeros += other == 0 ? 0 : 1
                }
            }
        }
        relativeError = error == 0 ? 0 : (error / square).squareRoot()
        cosine = product == 0 ? 0 : max(-1, min(1, product / (square * decodedSquare).squareRoot()))
        self.nonZeros = nonZeros
    }
}
