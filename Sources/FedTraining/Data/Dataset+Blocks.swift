// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

extension Dataset.Values {
    /// The blocks of `size` entries at `indices`, in that order; every index must be that of a block.
    func blocks(at indices: [Int], size: Int) -> Dataset.Values {
        switch self {
        case .bytes(let bytes): .bytes(Self.gather(bytes, at: indices, size: size))
        case .floats(let floats): .floats(Self.gather(floats, at: indices, size: size))
        }
    }

    private static func gather<Entry>(_ entries: [Entry], at indices: [Int], size: Int) -> [Entry] {
        [Entry](unsafeUninitializedCapacity: indices.count * size) { target, initialized in
            entries.withUnsafeBufferPointer { source in
                for (position, index) in indices.enumerated() {
                    _ = target[(position * size)..<((position + 1) * size)].initialize(
                        fromContentsOf: source[(index * size)..<((index + 1) * size)])
                }
            }
            initialized = indices.count * size
        }
    }
}
