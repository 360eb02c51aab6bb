// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

/// The table of contents of a safetensors file: names, shapes, places, and texts beside them.
///
/// Layout of a file: 8 bytes of little-endian header length N, N bytes of JSON (padded with spaces so that the data
/// begin at a multiple of 8), then the tensors' bytes without gaps. This project writes and reads 32-bit floats only.
struct SafetensorsHeader: Equatable, Sendable {
    /// The longest header that is read, in bytes: what the format itself allows.
    static let maximumBytes = 100_000_000

    /// The tensors, in the order of their bytes.
    var tensors: [SafetensorsTensor]
    /// The texts under `__metadata__`.
    var metadata: [String: String]

    /// Lays tensors out one after the other.
    init(shapes: [(name: String, shape: [Int])], metadata: [String: String]) {
        var offset = 0
        tensors = shapes.map { name, shape in
            let end = offset + shape.reduce(1, *) * SafetensorsTensor.elementBytes
            defer { offset = end }
            return SafetensorsTensor(name: name, shape: shape, bytes: offset..<end)
        }
        self.metadata = metadata
    }

    /// Length, JSON and padding: everything before the data.
    func encoded() -> [UInt8] {
        var json = "{\"__metadata__\":{"
        json += metadata.sorted { $0.key < $1.key }.map { "\(Self.quoted($0.key)):\(Self.quoted($0.value))" }
            .joined(separator: ",")
        json += "}"
        for tensor in tensors {
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            json += ",\(Self.quoted(tensor.name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":"
            json += "[\(tensor.bytes.lowerBound),\(tensor.bytes.upperBound)]}"
        }
        json += "}"
        var body = Array(json.utf8)
        body += [UInt8](repeating: UInt8(ascii: " "), count: (8 - body.count % 8) % 8)
        return withUnsafeBytes(of: UInt64(body.count).littleEndian) { Array($0) } + body
    }

    /// Reads the JSON of a file whose data take `dataBytes` bytes.
    ///
    /// Throws `StoreError.corrupt` for anything but JSON of the right form, other element types than F32, sizes that do
    /// not fit their shapes, and tensors that overlap, leave gaps or do not fill the data.
    init(json: [UInt8], dataBytes: Int, path: String) throws(StoreError) {
        func corrupt(_ why: String) -> StoreError {
            StoreError(.corrupt, "\(path) is not a usable safetensors file: \(why)")
        }
        guard json.first == UInt8(ascii: "{") else { throw corrupt("the header is not JSON") }
        let decoded: Decoded
        do {
            decoded = try JSONDecoder().decode(Decoded.self, from: Data(json))
        } catch {
            throw corrupt("the header cannot be read")
        }
        var tensors: [SafetensorsTensor] = []
        for (name, entry) in decoded.tensors {
            guard entry.dtype == "F32" else {
                throw corrupt("tensor \(name.prefix(64)) is of \(entry.dtype.prefix(16)), not of 32-bit floats (F32)")
            }
            guard entry.data_offsets.count == 2, let start = entry.data_offsets.first,
                let end = entry.data_offsets.last, start >= 0, start <= end, end <= dataBytes
            else { throw corrupt("a tensor lies outside the file") }
            var bytes = SafetensorsTensor.elementBytes
            for dimension in entry.shape {
                let (product, overflow) = bytes.multipliedReportingOverflow(by: dimension)
                guard dimension >= 0, !overflow else { throw corrupt("a tensor has an impossible shape") }
                bytes = product
            }
            guard bytes == end - start else { throw corrupt("a tensor's shape does not fit its bytes") }
            tensors.append(SafetensorsTensor(name: name, shape: entry.shape, bytes: start..<end))
        }
        tensors.sort {
            ($0.bytes.lowerBound, $0.bytes.upperBound, $0.name) < ($1.bytes.lowerBound, $1.bytes.upperBound, $1.name)
        }
        var offset = 0
        for tensor in tensors {
            guard tensor.bytes.lowerBound == offset else { throw corrupt("tensors overlap or leave gaps") }
            offset = tensor.bytes.upperBound
        }
        guard offset == dataBytes else { throw corrupt("the tensors do not fill the file") }
        self.tensors = tensors
        metadata = decoded.metadata
    }

    private struct Entry: Decodable {
        var dtype: String
        var shape: [Int]
        // The format's own name.
        // swift-format-ignore: AlwaysUseLowerCamelCase
        var data_offsets: [Int]
    }

    private struct Decoded: Decodable {
        var tensors: [(String, Entry)] = []
        var metadata: [String: String] = [:]

        struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            for key in container.allKeys {
                if key.stringValue == "__metadata__" {
                    metadata = try container.decode([String: String].self, forKey: key)
                } else {
                    tensors.append((key.stringValue, try container.decode(Entry.self, forKey: key)))
                }
            }
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
