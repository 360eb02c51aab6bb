// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// An array of numbers in the IDX format of MNIST (LeCun et al. 1998): two zero bytes, the type of the numbers, how many
/// dimensions there are (1 to 4), the dimensions as big-endian 32-bit numbers, and exactly the numbers they say, big-endian.
package struct IDXArray {
    /// The types that the format knows, by their codes.
    package enum Element: UInt8 {
        case unsignedByte = 0x08
        case signedByte = 0x09
        case short = 0x0B
        case int = 0x0C
        case float = 0x0D
        case double = 0x0E

        /// Bytes of one number.
        var size: Int {
            switch self {
            case .unsignedByte, .signedByte: 1
            case .short: 2
            case .int, .float: 4
            case .double: 8
            }
        }

        /// Whether numbers of the type have no fractions.
        package var isInteger: Bool { self != .float && self != .double }
    }

    /// The file it is from, for messages.
    package let path: String
    /// The type of the numbers.
    package let element: Element
    /// The dimensions, 1 to 4 of them, each at least 1.
    package let shape: [Int]
    /// The numbers as they are in the file, the last dimension varying fastest.
    private let bytes: [UInt8]

    /// The number of numbers.
    package var count: Int { bytes.count / element.size }

    /// Decodes the bytes of a file; throws `TrainingError.invalidFile`, naming `path`, where they are anything else.
    package init(_ file: consuming [UInt8], path: String) throws(TrainingError) {
        func damaged(_ what: String) -> TrainingError {
            TrainingError(.invalidFile, "\(path) \(what): fetch the file again")
        }
        guard file.count >= 4 else {
            throw damaged("has \(file.count) bytes, less than the header of an IDX file")
        }
        guard file[0] == 0, file[1] == 0, let element = Element(rawValue: file[2]), (1...4).contains(file[3]) else {
            throw damaged(
                "does not begin as an IDX file does (two zero bytes, a type of 8, 9 or 11 to 14, and 1 to 4 dimensions)"
            )
        }
        let header = 4 + 4 * Int(file[3])
        guard file.count >= header else {
            throw damaged("has \(file.count) bytes, less than the header of an IDX file")
        }
        var shape: [Int] = []
        var count = element.size
        for offset in stride(from: 4, to: header, by: 4) {
            let dimension = file[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) }
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard dimension >= 1, !overflow else { throw damaged("states impossible dimensions") }
            shape.append(dimension)
            count = product
        }
        let present = file.count - header
        guard present >= count else {
            throw damaged("is cut short: \(present / element.size) of \(count / element.size) values are there")
        }
        guard present == count else { throw damaged("has \(present - count) bytes after its last value") }
        file.removeFirst(header)
        self.path = path
        self.element = element
        self.shape = shape
        bytes = file
    }

    /// The numbers as integers; throws `TrainingError.invalidFile` where they are of a type with fractions.
    package func integers() throws(TrainingError) -> [Int32] {
        switch element {
        case .unsignedByte: return bytes.map { Int32($0) }
        case .signedByte: return bytes.map { Int32(Int8(bitPattern: $0)) }
        case .short: return (0..<count).map { Int32(Int16(bitPattern: UInt16(truncatingIfNeeded: pattern(at: $0)))) }
        case .int: return (0..<count).map { Int32(bitPattern: UInt32(truncatingIfNeeded: pattern(at: $0))) }
        case .float, .double:
            throw TrainingError(
                .invalidFile, "\(path) holds numbers with fractions where whole numbers belong: fetch the file again")
        }
    }

    /// The numbers as values of a data set: bytes stay bytes, all others become the floats that they are.
    ///
    /// Throws `TrainingError.invalidFile` at the first that is NaN, infinite or beyond the largest float.
    package func values() throws(TrainingError) -> Dataset.Values {
        switch element {
        case .unsignedByte: return .bytes(bytes)
        case .signedByte, .short, .int: return .floats(try integers().map { Float($0) })
        case .float:
            return .floats(
                try finite((0..<count).map { Float(bitPattern: UInt32(truncatingIfNeeded: pattern(at: $0))) }))
        case .double:
            return .floats(try finite((0..<count).map { Float(Double(bitPattern: pattern(at: $0))) }))
        }
    }

    /// Whole numbers in 0...`largest` as bytes, `largest` becoming 255, to the nearest.
    ///
    /// Throws `TrainingError.invalidFile` at the first that is out of range, and for a type with fractions.
    package func bytes(largest: Int32) throws(TrainingError) -> [UInt8] {
        if element == .unsignedByte, largest == 255 { return bytes }
        let integers = try integers()
        if let position = integers.firstIndex(where: { $0 < 0 || $0 > largest }) {
            throw TrainingError(
                .invalidFile,
                "\(path): value \(position)\(example(of: position)) is not 0 to \(largest): fetch the file again")
        }
        return integers.map { UInt8((510 * Int($0) + Int(largest)) / (2 * Int(largest))) }
    }

    private func finite(_ floats: [Float]) throws(TrainingError) -> [Float] {
        if let position = floats.firstIndex(where: { !$0.isFinite }) {
            throw TrainingError(
                .invalidFile,
                "\(path): value \(position)\(example(of: position)) is not a finite number: correct the file")
        }
        return floats
    }

    /// Which example a value belongs to, in words.
    private func example(of position: Int) -> String {
        shape.count == 1 ? "" : " (of example \(position / (count / shape[0])))"
    }

    /// The bits of one number.
    private func pattern(at index: Int) -> UInt64 {
        var pattern: UInt64 = 0
        for offset in (index * element.size)..<((index + 1) * element.size) {
            pattern = pattern << 8 | UInt64(bytes[offset])
        }
        return pattern
    }
}
