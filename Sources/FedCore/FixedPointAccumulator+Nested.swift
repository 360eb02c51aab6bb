// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

extension FixedPointAccumulator {
    /// The weighted mean of what changes of nested networks add up to, each entry over the changes that hold it, rounded once to
    /// Float: HeteroFL's average (Diao, Ding and Tarokh, ICLR 2021, eq. 3). An entry that none holds is −0, so that whatever it
    /// is added to stays what it is, to the bit.
    ///
    /// `levels` ascend, each within the next one; `weights` are what the changes of each weigh together. Of one level, the same
    /// bits as `mean()`.
    public func mean(of levels: [NestedSlice], weights: [Int64]) -> [Float] {
        precondition(levels.count == weights.count && levels.last?.isWhole == true, "a weight for each level")
        precondition(levels.allSatisfy { $0.fullCount == count }, "the levels are those of the sum")
        let unit = Double(sign: .plus, exponent: -fractionBits, significand: 1)
        return sums.withUnsafeBufferPointer { sums in
            [Float](unsafeUninitializedCapacity: count) { means, initialized in
                means.initialize(repeating: -0.0)
                var weight: Int64 = 0
                // What lies in a narrower level, too, is overwritten with the mean over more changes.
                for (level, own) in zip(levels, weights).reversed() {
                    weight += own
                    guard weight > 0 else { continue }
                    let factor = unit / Double(weight)
                    level.forEachRun { _, start, length in
                        fed_fixed_point_mean(
                            UnsafeMutableBufferPointer(rebasing: means[start..<start + length]).baseAddress,
                            UnsafeBufferPointer(rebasing: sums[start..<start + length]).baseAddress, length, factor)
                    }
                }
                initialized = count
            }
        }
    }
}
