// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Makes PNG files (W3C, "Portable Network Graphics", third edition) whose content is stored and not compressed.
enum PNGFile {
    /// The colour types of the format.
    enum Colour: UInt8 {
        case grey = 0
        case colours = 2
        case palette = 3
        case greyAndAlpha = 4
        case coloursAndAlpha = 6
    }

    /// A file of `rows`, each the bytes of one row of pixels.
    static func make(
        width: Int, rows: [[UInt8]], colour: Colour = .grey, bits: UInt8 = 8, palette: [UInt8] = [],
        height: Int? = nil
    ) -> [UInt8] {
        let header = big(width) + big(height ?? rows.count) + [bits, colour.rawValue, 0, 0, 0]
        let content = rows.flatMap { [UInt8(0)] + $0 }
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
        if !palette.isEmpty { file += chunk("PLTE", palette) }
        return file + chunk("IDAT", stored(content)) + chunk("IEND", [])
    }

    private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + content
        return big(content.count) + body + big(Int(RealData.crc32(body)))
    }

    /// A zlib stream of one stored block (RFC 1950 and 1951); at most 65,535 bytes.
    private static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var sums: (Int, Int) = (1, 0)
        for byte in bytes {
            sums.0 = (sums.0 + Int(byte)) % 65_521
            sums.1 = (sums.1 + sums.0) % 65_521
        }
        let little = [UInt8(truncatingIfNeeded: bytes.count), UInt8(truncatingIfNeeded: bytes.count >> 8)]
        return [0x78, 0x01, 0x01] + little + little.map { ~$0 } + bytes + big(sums.1 << 16 | sums.0)
    }

    private static func big(_ value: Int) -> [UInt8] {
        stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
