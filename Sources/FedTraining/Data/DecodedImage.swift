// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CImageCodecs

/// The pixels of a PNG or JPEG file; the only user of libpng and TurboJPEG.
package struct DecodedImage {
    /// No side may be longer.
    package static let maximumSide = 1 << 14
    /// No image may have more pixels: 64 Mi.
    package static let maximumPixels = 1 << 26

    /// Rows, columns and channels: 1 for shades of grey, 3 for red, green and blue.
    package let shape: InputShape
    /// Bytes, [channel][row][column].
    package let planes: [UInt8]

    /// Decodes the content of the file `path`; which format it is, its first bytes say.
    ///
    /// What is transparent in a PNG lies on white; 16 bits a channel become 8. Throws `TrainingError.invalidFile` for what is
    /// neither format, damaged anywhere, in inks (CMYK), or too large; the size is checked before pixels are allocated.
    package init(_ bytes: [UInt8], path: String) throws(TrainingError) {
        let isPNG = bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        guard isPNG || bytes.starts(with: [0xFF, 0xD8, 0xFF]) else {
            throw TrainingError(
                .invalidFile, "\(path) is neither a PNG nor a JPEG: convert it, or take it out of the folder")
        }
        let damaged = TrainingError(
            .invalidFile, "\(path) is a damaged \(isPNG ? "PNG" : "JPEG"): fetch or make it again")
        var header = fed_image_header()
        let isRead = bytes.withUnsafeBufferPointer { source in
            isPNG
                ? fed_png_header(&header, source.baseAddress, source.count)
                : fed_jpeg_header(&header, source.baseAddress, source.count)
        }
        guard isRead else { throw damaged }
        let (width, height, channels) = (Int(header.width), Int(header.height), Int(header.channels))
        guard channels > 0 else {
            throw TrainingError(.invalidFile, "\(path) is a JPEG in inks (CMYK): convert it to RGB")
        }
        guard (1...Self.maximumSide).contains(width), (1...Self.maximumSide).contains(height),
            width * height <= Self.maximumPixels
        else {
            throw TrainingError(
                .invalidFile,
                "\(path) is \(width) x \(height) pixels large: scale it to at most \(Self.maximumSide) a side and "
                    + "\(Self.maximumPixels) altogether")
        }
        var isDecoded = false
        let count = width * height * channels
        let pixels = [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
            // Whatever a damaged file leaves unwritten is 0.
            target.initialize(repeating: 0)
            initialized = count
            isDecoded = bytes.withUnsafeBufferPointer { source in
                isPNG
                    ? fed_png_decode(target.baseAddress, &header, source.baseAddress, source.count)
                    : fed_jpeg_decode(target.baseAddress, &header, source.baseAddress, source.count)
            }
        }
        guard isDecoded else { throw damaged }
        shape = InputShape(channels: channels, height: height, width: width)
        planes = shape.planar(pixels)
    }
}
