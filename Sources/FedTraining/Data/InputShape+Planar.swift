// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

extension InputShape {
    /// Images whose channels come last, [image][row][column][channel], with channels first.
    func planar<Entry>(_ entries: [Entry]) -> [Entry] {
        guard channels > 1, pixels > 1 else { return entries }
        return [Entry](unsafeUninitializedCapacity: entries.count) { target, initialized in
            entries.withUnsafeBufferPointer { source in
                for image in stride(from: 0, to: source.count, by: count) {
                    var position = image
                    for channel in 0..<channels {
                        for pixel in 0..<pixels {
                            target.initializeElement(at: position, to: source[image + pixel * channels + channel])
                            position += 1
                        }
                    }
                }
            }
            initialized = entries.count
        }
    }
}
