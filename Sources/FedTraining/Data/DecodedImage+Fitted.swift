// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

extension DecodedImage {
    /// Reads and decodes a PNG or JPEG file; throws `TrainingError.missingFile` or `.invalidFile`, naming it.
    package init(contentsOf path: String) throws(TrainingError) {
        try self.init(DataFile.read(path), path: path)
    }

    /// The values, in [0, 1] and [channel][row][column], that a network takes as an image of the shape `input`: resized as
    /// `images` data are (`BilinearResampler`), grey three times where there are three channels, and of colours the
    /// luma (Rec. 601) where there is one.
    ///
    /// Throws `TrainingError.shapeMismatch` for an input that is no image of one or three channels.
    package func fitted(to input: InputShape) throws(TrainingError) -> [Float] {
        guard input.channels == 1 || input.channels == 3 else {
            throw TrainingError(
                .shapeMismatch,
                "the model takes \(input), which is no image: images have one channel (grey) or three (colours)")
        }
        var bytes: [UInt8] = []
        if (shape.height, shape.width) == (input.height, input.width) {
            bytes = planes
        } else {
            var resampler = BilinearResampler(
                height: shape.height, width: shape.width, newHeight: input.height, newWidth: input.width)
            for channel in 0..<shape.channels {
                resampler.append(plane: channel * shape.pixels, of: planes, to: &bytes)
            }
        }
        if shape.channels < input.channels { bytes = bytes + bytes + bytes }
        if shape.channels > input.channels {
            bytes = (0..<input.pixels).map { pixel in
                // Weights of a sum of 2^16, rounded to the nearest.
                let sum =
                    19_595 * UInt32(bytes[pixel]) + 38_470 * UInt32(bytes[input.pixels + pixel])
                    + 7_471 * UInt32(bytes[2 * input.pixels + pixel])
                return UInt8((sum + 1 << 15) >> 16)
            }
        }
        return [Float](unsafeUninitializedCapacity: bytes.count) { target, initialized in
            bytes.withUnsafeBufferPointer { source in
                fed_unit_bytes_decode(target.baseAddress, source.baseAddress, source.count)
            }
            initialized = bytes.count
        }
    }
}
