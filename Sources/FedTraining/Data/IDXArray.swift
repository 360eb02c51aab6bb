// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// An array of bytes in the IDX format: two zero bytes, the type 8, the number of dimensions, the dimensions as
/// big-endian 32-bit numbers, and exactly as many bytes as they say.
struct IDXArray {
    /// The dimensions, each at least 1.
    let shape: [Int]
    /// The entries, the last dimension varying fastest.
    let values: ArraySlice<UInt8>

    /// Decodes `bytes`; throws `TrainingError.invalidFile`, naming `path`, where they are anything else.
    init(_ bytes: [UInt8], dimensions: Int, path: String) throws(TrainingError) {
        func damaged(_ what: String) -> TrainingError {
            TrainingError(.invalidFile, "\(path) \(what): fetch the file again")
        }
        let header = 4 + 4 * dimensions
        guard bytes.count >= header else {
            throw damaged("has \(bytes.count) bytes, less than the header of an IDX file")
        }
        guard bytes[0] == 0, bytes[1] == 0, bytes[2] == 8, Int(bytes[3]) == dimensions else {
            throw damaged("does not begin as an IDX file of bytes with \(dimensions) dimension(s) does")
        }
        var shape: [Int] = []
        var count = 1
        for offset in stride(from: 4, to: header, by: 4) {
            let dimension = bytes[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) }
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard dimension >= 1, !overflow else { throw damaged("states impossible dimensions") }
            shape.append(dimension)
            count = product
        }
        let present = bytes.count - header
        guard present >= count else { throw damaged("is cut short: \(present) of \(count) values are there") }
        guard present == count else { throw damaged("has \(present - count) bytes after its last value") }
        self.shape = shape
        values = bytes[header...]
    }
}
