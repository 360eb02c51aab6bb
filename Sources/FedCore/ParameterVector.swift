// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// All parameters of a model, or a change of them: flat, contiguous, in the order of the layout.
public struct ParameterVector: Equatable, Sendable {
    /// Where each tensor lies in `values`.
    public let layout: ModelLayout
    /// As many values as the layout counts.
    public private(set) var values: [Float]

    /// Throws `CoreError.countMismatch` unless there are as many values as the layout counts.
    public init(layout: ModelLayout, values: [Float]) throws(CoreError) {
        guard values.count == layout.count else {
            throw CoreError(
                .countMismatch, "the model has \(layout.count) parameters, but \(values.count) values were given")
        }
        self.layout = layout
        self.values = values
    }

    /// All zeros.
    public init(zeros layout: ModelLayout) {
        self.layout = layout
        values = [Float](repeating: 0, count: layout.count)
    }

    /// Whether no value is NaN or infinite.
    public var isFinite: Bool {
        values.withUnsafeBufferPointer { fed_max_magnitude($0.baseAddress, $0.count) }.isFinite
    }

    /// Calls `body` with the values in place; their number cannot change.
    public mutating func withMutableValues<Result, Failure: Error>(
        _ body: (inout UnsafeMutableBufferPointer<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var outcome: Swift.Result<Result, Failure>?
        values.withUnsafeMutableBufferPointer { buffer in
            do throws(Failure) { outcome = .success(try body(&buffer)) } catch { outcome = .failure(error) }
        }
        guard let outcome else { preconditionFailure("the closure ran") }
        return try outcome.get()
    }

    /// `self - base`, entry by entry; the layouts must be the same.
    public func difference(from base: ParameterVector) -> ParameterVector {
        var result = self
        result.subtract(base)
        return result
    }

    /// Takes `other` away, entry by entry; the layouts must be the same.
    public mutating func subtract(_ other: ParameterVector) {
        precondition(layout == other.layout, "difference of vectors with different layouts")
        other.values.withUnsafeBufferPointer { other in
            values.withUnsafeMutableBufferPointer { values in
                for index in values.indices { values[index] -= other[index] }
            }
        }
    }

    /// Adds `change` times `scale`, entry by entry.
    public mutating func add(_ change: [Float], scale: Float = 1) {
        precondition(change.count == values.count, "as many changes as parameters")
        change.withUnsafeBufferPointer { change in
            values.withUnsafeMutableBufferPointer { values in
                for index in values.indices { values[index] += scale * change[index] }
            }
        }
    }
}
