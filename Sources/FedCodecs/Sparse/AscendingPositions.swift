// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

extension UnsafeBufferPointer<UInt32> {
    /// The first index from `first` on whose position is not below `bound`, or the end; positions ascend.
    func firstIndex(from first: Int, notBelow bound: Int) -> Int {
        var (low, high) = (first, count)
        while low < high {
            let middle = (low + high) / 2
            if Int(self[middle]) < bound { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
