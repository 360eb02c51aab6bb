// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CZlib

/// Decompression of gzip and zlib streams; the only user of zlib.
package enum Inflater {
    /// The decompressed bytes of one whole stream.
    ///
    /// Throws `TrainingError.invalidFile`, naming `path`, where the stream is damaged, ends early, is followed by other
    /// bytes, or holds more than `limit` bytes. Memory stays below `limit` and what the stream really holds.
    package static func inflate(_ compressed: [UInt8], limit: Int, path: String) throws(TrainingError) -> [UInt8] {
        let outcome = run(compressed, limit: limit)
        switch outcome {
        case .complete(let bytes): return bytes
        case .failed(let reason): throw TrainingError(.invalidFile, "\(path) \(reason)")
        }
    }

    private enum Outcome {
        case complete([UInt8])
        case failed(String)
    }

    private static func run(_ compressed: [UInt8], limit: Int) -> Outcome {
        guard compressed.count <= Int(UInt32.max) else {
            return .failed("is larger than 4 GB compressed: this is not the published file, fetch that one")
        }
        var stream = z_stream()
        // 47: a window of 2^15 bytes, gzip or zlib header found by itself.
        guard fed_inflate_init(&stream, 47) == Z_OK else { return .failed("cannot be decompressed: free some memory") }
        defer { inflateEnd(&stream) }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        // The buffer is only read: zlib's type merely lacks the const.
        return compressed.withUnsafeBufferPointer { input in
            stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.avail_in = UInt32(input.count)
            while true {
                let status = chunk.withUnsafeMutableBufferPointer { buffer in
                    stream.next_out = buffer.baseAddress
                    stream.avail_out = UInt32(buffer.count)
                    return CZlib.inflate(&stream, Z_NO_FLUSH)
                }
                let produced = chunk.count - Int(stream.avail_out)
                guard produced <= limit - output.count else {
                    return .failed("holds more than the \(limit) bytes expected: fetch the published file again")
                }
                output += chunk[..<produced]
                switch status {
                case Z_STREAM_END:
                    guard stream.avail_in == 0 else {
                        return .failed("has bytes after the end of its gzip stream: fetch the file again")
                    }
                    return .complete(output)
                case Z_OK where produced > 0 || stream.avail_in > 0: continue
                case Z_OK, Z_BUF_ERROR: return .failed("ends in the middle of its gzip stream: fetch the file again")
                default: return .failed("is damaged (its gzip stream does not decode): fetch the file again")
                }
            }
        }
    }
}
