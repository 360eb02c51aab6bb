// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
internal import Foundation

/// Checkpoints as safetensors files, which other tools can read.
///
/// The parameters come first, in layout order under their own names, then the vectors of `state` as
/// `__state__/<name>`. `__metadata__` holds `format` ("fedcoord-checkpoint-1"), `run`, `version`, `sha256`
/// (`ModelDigest` of the parameters), `stateSHA256` (that of `state`, if there is any), and the notes as `note/<name>`.
public enum CheckpointFile {
    static let format = "fedcoord-checkpoint-1"
    static let statePrefix = "__state__/"
    static let notePrefix = "note/"
    static let stateDigest = "stateSHA256"

    /// Writes a checkpoint to `directory/name`, whole or not at all, and durably.
    ///
    /// Blocks on the disk. Throws `StoreError.diskFull`, `.unwritable`, or `.wrongModel` for a parameter name that
    /// starts with `__`.
    @discardableResult
    public static func write(
        _ checkpoint: Checkpoint, name: String, in directory: String
    ) throws(StoreError) -> CheckpointDigest {
        let layout = checkpoint.parameters.layout
        guard !layout.parameters.contains(where: { $0.name.hasPrefix("__") }) else {
            throw StoreError(.wrongModel, "parameter names that start with '__' are reserved: rename the parameter")
        }
        let state = checkpoint.state.sorted { $0.key < $1.key }
        func prologue(_ digest: CheckpointDigest) -> [UInt8] {
            var metadata = [
                "format": format, "run": checkpoint.run.rawValue, "version": "\(checkpoint.version)",
                "sha256": digest.model,
            ]
            metadata[stateDigest] = digest.state
            for (name, text) in checkpoint.notes { metadata[notePrefix + name] = text }
            let shapes =
                layout.parameters.map { ($0.name, $0.shape) }
                + state.map { (statePrefix + $0.key, [$0.value.count]) }
            return SafetensorsHeader(shapes: shapes, metadata: metadata).encoded()
        }
        // Digests are of one length, so the data's place is known before theirs is: the disk takes the data while another
        // thread computes the digest.
        let digest = PendingDigest(of: checkpoint)
        let blank = String(repeating: "0", count: PendingDigest.length)
        let dataStart = prologue(CheckpointDigest(model: blank, state: state.isEmpty ? nil : blank)).count
        guard dataStart - 8 <= SafetensorsHeader.maximumBytes else {
            throw StoreError(.wrongModel, "the model has too many tensors for a safetensors file")
        }
        try DurableFiles.replace(name, in: directory) { descriptor in
            var offset = dataStart
            for values in [checkpoint.parameters.values] + state.map(\.value) {
                let failure = values.withUnsafeBytes { DurableFiles.writeAll(descriptor, $0, at: offset) }
                guard failure == 0 else { return failure }
                offset += values.count * SafetensorsTensor.elementBytes
            }
            // Small files are done before it pays to wait for the disk twice.
            if offset >= 4 << 20 {
                let failure = DurableFiles.synchronize(descriptor)
                guard failure == 0 else { return failure }
            }
            return prologue(digest.value()).withUnsafeBytes { DurableFiles.writeAll(descriptor, $0, at: 0) }
        }
        return digest.value()
    }

    /// Reads a checkpoint of a model of the given layout.
    ///
    /// Blocks on the disk. Throws `StoreError.missing`, `.corrupt` (also when the values do not have the digest that the
    /// file states), or `.wrongModel` when names or shapes differ.
    public static func read(_ path: String, layout: ModelLayout) throws(StoreError) -> Checkpoint {
        let descriptor = try DurableFiles.open(path, O_RDONLY)
        defer { close(descriptor) }
        let (header, dataStart) = try readHeader(descriptor, path: path)
        guard header.metadata["format"] == format, let runName = header.metadata["run"],
            let run = try? RunID(runName), let version = header.metadata["version"].flatMap({ Int($0) }), version >= 0
        else { throw StoreError(.corrupt, "\(path) is not a checkpoint of this program") }
        try check(header, against: layout, path: path)
        var state: [String: [Float]] = [:]
        for tensor in header.tensors where tensor.name.hasPrefix(statePrefix) {
            state[String(tensor.name.dropFirst(statePrefix.count))] = try floats(
                descriptor, [dataStart + tensor.bytes.lowerBound: 0..<tensor.count], count: tensor.count, path: path)
        }
        // Files of older versions have no digest of the state.
        guard header.metadata[stateDigest].map({ $0 == ModelDigest.sha256(of: state) }) ?? true else {
            throw StoreError(.corrupt, "the state in \(path) is not what was written: use an older checkpoint")
        }
        let values = try floats(
            descriptor, places(of: header, in: layout, dataStart: dataStart), count: layout.count, path: path)
        guard header.metadata["sha256"] == ModelDigest.hexadecimal(ModelDigest.digest(of: values)) else {
            throw StoreError(.corrupt, "the values in \(path) are not those that were written: use an older checkpoint")
        }
        var notes: [String: String] = [:]
        for (name, text) in header.metadata where name.hasPrefix(notePrefix) {
            notes[String(name.dropFirst(notePrefix.count))] = text
        }
        do {
            let parameters = try ParameterVector(layout: layout, values: values)
            return Checkpoint(
                run: run, version: ModelVersion(version), parameters: parameters, state: state, notes: notes)
        } catch {
            throw StoreError(.wrongModel, "\(path) holds another model", cause: error.message)
        }
    }

    static func readHeader(_ descriptor: Int32, path: String) throws(StoreError) -> (SafetensorsHeader, dataStart: Int)
    {
        let size = try DurableFiles.size(descriptor, path: path)
        guard let prefix = try DurableFiles.read(descriptor, at: 0, count: 8, path: path) else {
            throw StoreError(.corrupt, "\(path) is no safetensors file: it is too short for one")
        }
        let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length >= 2, length <= UInt64(SafetensorsHeader.maximumBytes), Int(length) <= size - 8,
            let json = try DurableFiles.read(descriptor, at: 8, count: Int(length), path: path)
        else {
            throw StoreError(.corrupt, "\(path) is no whole safetensors file: its header does not fit it")
        }
        let dataStart = 8 + Int(length)
        return (try SafetensorsHeader(json: json, dataBytes: size - dataStart, path: path), dataStart)
    }

    private static func check(
        _ header: SafetensorsHeader, against layout: ModelLayout, path: String
    ) throws(StoreError) {
        var shapes: [String: [Int]] = [:]
        for tensor in header.tensors where !tensor.name.hasPrefix(statePrefix) { shapes[tensor.name] = tensor.shape }
        guard shapes.count == layout.parameters.count,
            layout.parameters.allSatisfy({ shapes[$0.name] == $0.shape })
        else {
            throw StoreError(.wrongModel, "\(path) holds another model: names or shapes of its tensors differ")
        }
    }

    /// From the place in the file to the place in the flat vector; neighbours in both are joined.
    private static func places(
        of header: SafetensorsHeader, in layout: ModelLayout, dataStart: Int
    ) -> [Int: Range<Int>] {
        var offsets: [String: Int] = [:]
        for tensor in header.tensors { offsets[tensor.name] = dataStart + tensor.bytes.lowerBound }
        var places: [Int: Range<Int>] = [:]
        var start: (file: Int, range: Range<Int>)?
        for (parameter, segment) in zip(layout.parameters, layout.segments) {
            guard let offset = offsets[parameter.name] else { continue }
            if let current = start,
                current.file + current.range.count * SafetensorsTensor.elementBytes == offset
            {
                start = (current.file, current.range.lowerBound..<segment.upperBound)
            } else {
                if let start { places[start.file] = start.range }
                start = (offset, segment)
            }
        }
        if let start { places[start.file] = start.range }
        return places
    }

    private static func floats(
        _ descriptor: Int32, _ places: [Int: Range<Int>], count: Int, path: String
    ) throws(StoreError) -> [Float] {
        var failure: StoreError?
        let values = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(StoreError) {
                for (offset, range) in places {
                    let part = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[range]))
                    guard try DurableFiles.readAll(descriptor, part, at: offset, path: path) else {
                        throw StoreError(.corrupt, "\(path) ends too early")
                    }
                }
                initialized = count
            } catch {
                failure = error
                initialized = 0
            }
        }
        if let failure { throw failure }
        return values
    }
}
