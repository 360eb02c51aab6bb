// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CZlib
internal import FedCodecs
internal import FedCore
internal import Foundation

/// A worker's memory in a file: a line of JSON, the vectors as little-endian float32, and the CRC-32 of all that.
struct MemoryFile {
    /// The first line.
    struct Header: Codable {
        /// The version of the format.
        var format = 1
        /// The run that the memory belongs to, and its seed: a run of the same name may be another one.
        var run: RunID
        var seed: UInt64
        /// Counts the updates that were settled; a pending update names the one that it leads to.
        var generation: Int
        /// The last round whose update was used; nil for none.
        var round: RoundID?
        /// The length of each vector but `own`.
        var parameters: Int
        /// The length of `own`; nil for 0.
        var own: Int?
        /// Which vectors follow: `residual`, `own`, then what the optimiser has gathered.
        var vectors: [String]
        /// The optimiser whose state it is, and the steps it has made.
        var rule: OptimizerSpec.Name?
        var steps: Int?
    }

    /// What a file turned out to be.
    enum Reading {
        case absent
        case found(MemoryFile)
        /// It cannot be used, for this reason; of the generation that its first line names, or 0 where that is damaged, too.
        case unusable(String, generation: Int = 0)
    }

    /// How much of a file is read.
    enum Depth {
        /// The first line: the memory is that of nothing, and damage to vectors is not seen.
        case header
        /// All, a vector at a time, to see damage: the memory is that of nothing.
        case checksum
        /// All of it.
        case vectors
    }

    /// No first line is longer, in bytes.
    private static let maximumHeader = 4096
    private static let residualName = "residual"
    private static let ownName = "own"

    /// Counts the updates that were settled.
    var generation: Int
    /// The last round whose update was used.
    var round: RoundID?
    /// What is kept.
    var memory: WorkerMemory

    /// Writes the file, replacing the one before it; it is on the disk when the call returns. Throws `WorkerError.state`.
    func write(to file: URL, of run: RunDescription) throws(WorkerError) {
        var vectors: [(name: String, values: [Float])] = []
        if !memory.residual.isEmpty { vectors.append((Self.residualName, memory.residual)) }
        if !memory.own.isEmpty { vectors.append((Self.ownName, memory.own)) }
        for vector in memory.optimizer?.vectors ?? [] { vectors.append((vector.quantity.rawValue, vector.values)) }
        precondition(
            vectors.allSatisfy { $0.values.count == ($0.name == Self.ownName ? run.own?.count : run.layout.count) },
            "vectors are as long as the model")
        let header = Header(
            run: run.run, seed: run.seed, generation: generation, round: round, parameters: run.layout.count,
            own: run.own?.count, vectors: vectors.map(\.name), rule: memory.optimizer?.rule,
            steps: memory.optimizer?.steps)
        guard let line = try? JSONEncoder().encode(header) else { preconditionFailure("names and numbers are JSON") }
        try StateFile.replace(file, isDurable: true) { (writer) throws(WorkerError) in
            try writer.write([UInt8](line) + [UInt8(ascii: "\n")])
            for vector in vectors {
                var failure: WorkerError?
                vector.values.withUnsafeBytes { bytes in
                    do throws(WorkerError) { try writer.write(bytes) } catch { failure = error }
                }
                if let failure { throw failure }
            }
            let checksum = UInt32(truncatingIfNeeded: writer.checksum)
            try writer.write((0..<4).map { UInt8(truncatingIfNeeded: checksum >> ($0 * 8)) })
        }
    }

    /// Reads what `write` wrote; never more bytes than a memory of this run can have.
    static func read(_ file: URL, of run: RunDescription, _ depth: Depth = .vectors) -> Reading {
        let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            return errno == ENOENT ? .absent : .unusable("it cannot be opened (\(String(cString: strerror(errno))))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return .unusable("it cannot be read") }
        var first = [UInt8](repeating: 0, count: min(maximumHeader, max(0, Int(status.st_size))))
        guard first.withUnsafeMutableBytes({ fill($0, from: descriptor, at: 0) }),
            let end = first.firstIndex(of: UInt8(ascii: "\n")),
            let header = try? JSONDecoder().decode(Header.self, from: Data(first[..<end])), header.format == 1
        else { return .unusable("its beginning is damaged") }
        guard header.run == run.run, header.seed == run.seed, header.parameters == run.layout.count,
            header.own == run.own?.count
        else {
            return .unusable("it belongs to another run of this name")
        }
        let counts = header.vectors.map { $0 == ownName ? run.own?.count ?? 0 : run.layout.count }
        guard header.vectors.count <= 2 + OptimizerState.Quantity.allCases.count, header.generation >= 0,
            Int(status.st_size) == end + 1 + 4 * counts.reduce(0, +) + 4
        else { return .unusable("it is cut short, or longer than it should be") }
        let empty = MemoryFile(generation: header.generation, round: header.round, memory: WorkerMemory())
        guard depth != .header else { return .found(empty) }
        var checksum = first.withUnsafeBufferPointer { crc32_z(0, $0.baseAddress, end + 1) }
        var offset = end + 1
        var vectors: [[Float]] = []
        for count in counts {
            var isRead = true
            let values = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
                buffer.initialize(repeating: 0)
                let bytes = UnsafeMutableRawBufferPointer(buffer)
                isRead = fill(bytes, from: descriptor, at: offset)
                checksum = crc32_z(checksum, bytes.baseAddress, bytes.count)
                initialized = count
            }
            guard isRead else { return .unusable("it cannot be read to its end", generation: header.generation) }
            if depth == .vectors { vectors.append(values) }
            offset += 4 * count
        }
        var last = [UInt8](repeating: 0, count: 4)
        guard last.withUnsafeMutableBytes({ fill($0, from: descriptor, at: offset) }),
            last.enumerated().reduce(0, { $0 | UInt($1.element) << (UInt($1.offset) * 8) }) == checksum
        else { return .unusable("its checksum is wrong", generation: header.generation) }
        guard depth == .vectors else { return .found(empty) }
        guard let memory = memory(of: header, vectors) else {
            return .unusable("it holds other vectors than it should", generation: header.generation)
        }
        return .found(MemoryFile(generation: header.generation, round: header.round, memory: memory))
    }

    private static func memory(of header: Header, _ vectors: [[Float]]) -> WorkerMemory? {
        var names = header.vectors[...]
        var values = vectors[...]
        var memory = WorkerMemory()
        if names.first == residualName, let residual = values.first {
            names.removeFirst()
            values.removeFirst()
            memory.residual = residual
        }
        if names.first == ownName, let own = values.first {
            names.removeFirst()
            values.removeFirst()
            memory.own = own
        }
        guard let rule = header.rule, let steps = header.steps else { return names.isEmpty ? memory : nil }
        var state = OptimizerState(rule: rule, steps: steps, vectors: [])
        for (name, values) in zip(names, values) {
            guard let quantity = OptimizerState.Quantity(rawValue: name) else { return nil }
            state.vectors.append(.init(quantity, values))
        }
        memory.optimizer = state
        return memory
    }

    private static func fill(_ target: UnsafeMutableRawBufferPointer, from descriptor: Int32, at offset: Int) -> Bool {
        var done = 0
        while done < target.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: target[done...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }
}
