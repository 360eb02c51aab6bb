// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore

/// The last steps of a run, so that a worker that missed some can catch up without a whole model.
///
/// Only as many are kept as are together smaller than a whole model: more would never be sent.
package struct StepCache: Sendable {
    private let byteLimit: Int
    private var steps: [[UInt8]] = []
    /// The version that the last step leads to.
    private var newest: ModelVersion?
    private var byteCount = 0

    /// No step yet; all of them together stay below `byteLimit` bytes.
    package init(byteLimit: Int) { self.byteLimit = byteLimit }

    /// Keeps the step that leads to `version`.
    package mutating func append(_ step: [UInt8], to version: ModelVersion) {
        if let newest, newest.next != version { removeAll() }
        steps.append(step)
        newest = version
        byteCount += step.count
        var old = 0
        while byteCount >= byteLimit || steps.count - old > maximumCount, old < steps.count {
            byteCount -= steps[old].count
            old += 1
        }
        steps.removeFirst(old)
    }

    /// The steps that lead from `held` to `version`, none where they are the same; nil where some are not kept, or a whole model,
    /// which has `wholeBytes`, is not larger. They are those that are kept, not copies.
    package func chain(
        from held: ModelVersion, to version: ModelVersion, wholeBytes: Int
    ) -> ArraySlice<[UInt8]>? {
        if held == version { return [] }
        // A worker may claim to hold any number.
        guard newest == version, held < version, held.rawValue >= 0,
            version.rawValue - held.rawValue <= steps.count
        else { return nil }
        let chain = steps.suffix(version.rawValue - held.rawValue)
        return chain.reduce(0, { $0 + $1.count }) < wholeBytes ? chain : nil
    }

    private var maximumCount: Int { 4096 }

    private mutating func removeAll() {
        steps = []
        byteCount = 0
    }
}
