// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Glibc

/// A file that is read or written from its beginning to its end.
final class PayloadFile {
    /// A call that the system refused.
    struct Failure: Error, CustomStringConvertible {
        let path: String
        let description: String

        init(_ path: String) {
            self.path = path
            description = "\(path): \(String(cString: strerror(errno)))"
        }
    }

    static let reading = O_RDONLY
    static let writing = O_WRONLY | O_CREAT | O_TRUNC

    private let path: String
    private let descriptor: Int32

    init(_ path: String, _ flags: Int32) throws {
        self.path = path
        descriptor = open(path, flags, 0o600)
        guard descriptor >= 0 else { throw Failure(path) }
    }

    deinit { close(descriptor) }

    /// How many bytes it has.
    func count() throws -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Failure(path) }
        return Int(status.st_size)
    }

    /// The next bytes, up to `count`; none at the end.
    func read(_ count: Int) throws -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let taken = Glibc.read(descriptor, buffer.baseAddress, count)
            failed = taken < 0
            initialized = max(0, taken)
        }
        if failed { throw Failure(path) }
        return bytes
    }

    func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let taken = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard taken > 0 else { throw Failure(path) }
            rest = rest.dropFirst(taken)
        }
    }
}
