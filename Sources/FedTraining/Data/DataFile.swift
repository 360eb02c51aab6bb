// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

/// Reading files of data whole, with a limit.
enum DataFile {
    /// No file may be larger, nor hold more when decompressed: 1 GiB.
    static let limit = 1 << 30

    /// The bytes of a file, decompressed if it is a gzip stream, whatever its name.
    ///
    /// Memory is that of the result, and for a compressed file that of the file besides. Throws
    /// `TrainingError.missingFile` for a file that is not there or cannot be read, `.invalidFile` for one that is too
    /// large, no ordinary file (links are followed) or whose stream is damaged.
    static func read(_ path: String, limit: Int = limit) throws(TrainingError) -> [UInt8] {
        let bytes = try contents(of: path, limit: limit)
        guard bytes.starts(with: [0x1F, 0x8B]) else { return bytes }
        return try Inflater.inflate(bytes, limit: limit, path: path)
    }

    /// Whether `path` is a folder.
    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// Whether `path` is there and no folder.
    static func isFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }

    /// The names in a folder that do not begin with a dot, sorted by their bytes; none where it cannot be read.
    static func names(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// `name` in `folder`.
    static func path(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : folder + "/" + name
    }

    private static func contents(of path: String, limit: Int) throws(TrainingError) -> [UInt8] {
        guard isFile(path) else {
            throw TrainingError(.missingFile, "there is no file \(path): check the path")
        }
        // The attributes of a symbolic link would be its own: its size is the length of a path.
        let file = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let attributes = (try? FileManager.default.attributesOfItem(atPath: file)) ?? [:]
        guard attributes[.type] as? FileAttributeType == .typeRegular, let size = attributes[.size] as? Int else {
            throw TrainingError(
                .invalidFile, "\(path) is a pipe or a device: write the data to an ordinary file and name that")
        }
        guard size <= limit else {
            throw TrainingError(
                .invalidFile, "\(path) is larger than the \(limit) bytes that a file of data may have: divide it")
        }
        guard let stream = InputStream(fileAtPath: file) else {
            throw TrainingError(.missingFile, "\(path) cannot be read: check its permissions")
        }
        stream.open()
        defer { stream.close() }
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
            guard let start = buffer.baseAddress else { return }
            while initialized < size {
                let count = stream.read(start + initialized, maxLength: size - initialized)
                guard count > 0 else {
                    failed = true
                    return
                }
                initialized += count
            }
        }
        guard !failed, stream.streamStatus != .error else {
            throw TrainingError(.missingFile, "\(path) cannot be read to its end: check its permissions and the disk")
        }
        return bytes
    }
}
