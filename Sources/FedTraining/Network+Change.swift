// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

extension Network {
    /// Overwrites `change` with the parameters minus `base`, in layout order; both have as many values as the layout counts.
    ///
    /// Allocates nothing while nobody else holds `change`.
    package func copyChange(from base: [Float], to change: inout [Float]) {
        precondition(
            base.count == layout.count && change.count == layout.count, "as many values as the layout counts")
        base.withUnsafeBufferPointer { base in
            change.withUnsafeMutableBufferPointer { change in
                for index in change.indices { change[index] = values.start[index] - base[index] }
            }
        }
    }
}
