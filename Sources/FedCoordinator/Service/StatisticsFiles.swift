// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore
package import FedStore
internal import Foundation

/// The files of a run that hold what workers have shared of their batch normalisation: `statistics-N.json`, what they had shared up to
/// the model N, and `statistics-withdrawn.json`, whose are no longer to be used.
///
/// They are there while a run needs them, and no longer. Every call blocks on the disk.
public struct StatisticsFiles: Sendable {
    private static let prefix = "statistics-"
    private static let withdrawn = "statistics-withdrawn.json"

    private let folder: String

    /// The files in the folder of a run.
    public init(in folder: String) { self.folder = folder }

    /// Removes all of them; what stays for want of permission holds what workers agreed to share.
    public func removeAll() {
        for name in names { try? FileManager.default.removeItem(atPath: path(name)) }
    }

    /// Writes what was shared up to the model `version`, and removes that of all models but this one and the one before, which a
    /// killed coordinator goes back to.
    package func write(_ records: [StatisticsExchange.Record], of version: ModelVersion) throws {
        let kept = [version.rawValue, version.rawValue - 1].map { Self.name(ModelVersion($0)) }
        try RunFiles.write(Array(try JSONEncoder().encode(records)), name: kept[0], in: folder)
        for name in versions where !kept.contains(name) { try? FileManager.default.removeItem(atPath: path(name)) }
    }

    /// What was shared up to the model `version`, which is not the first.
    ///
    /// Throws `StoreError.corrupt` where the file is not what was written, or missing.
    package func records(of version: ModelVersion) throws(StoreError) -> [StatisticsExchange.Record] {
        try read(Self.name(version), orElse: "[] to it to begin without")
    }

    /// Writes down whose statistics are not to be used, and takes them out of every file.
    package func withdraw(_ workers: Set<WorkerID>) throws {
        try RunFiles.write(Array(try JSONEncoder().encode(workers.sorted())), name: Self.withdrawn, in: folder)
        // One that is damaged does not keep the others from it.
        let results = versions.map { name in Result { try withdraw(workers, from: name) } }
        for result in results { try result.get() }
    }

    private func withdraw(_ workers: Set<WorkerID>, from name: String) throws {
        let all: [StatisticsExchange.Record] = try read(name, orElse: "[] to it to begin without")
        let left = all.filter { !workers.contains($0.worker) }
        guard left.count < all.count else { return }
        try RunFiles.write(Array(try JSONEncoder().encode(left)), name: name, in: folder)
    }

    /// Whose statistics are not to be used.
    ///
    /// Throws `StoreError.corrupt` where the file is not what was written.
    package func withdrawn() throws(StoreError) -> Set<WorkerID> {
        guard FileManager.default.fileExists(atPath: path(Self.withdrawn)) else { return [] }
        return Set<WorkerID>(
            try read(
                Self.withdrawn, orElse: "the names of the workers whose statistics must not be used, as [\"a\", \"b\"]")
        )
    }

    private func read<Value: Decodable>(_ name: String, orElse mend: String) throws(StoreError) -> [Value] {
        do {
            return try JSONDecoder().decode([Value].self, from: Data(contentsOf: URL(fileURLWithPath: path(name))))
        } catch {
            throw StoreError(.corrupt, "\(path(name)) cannot be read: restore it from a copy, or write \(mend)")
        }
    }

    private var names: [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return all.filter { $0.hasPrefix(Self.prefix) && $0.hasSuffix(".json") }
    }

    /// The names of the files of models.
    private var versions: [String] { names.filter { $0 != Self.withdrawn } }

    private func path(_ name: String) -> String { "\(folder)/\(name)" }

    private static func name(_ version: ModelVersion) -> String { "\(prefix)\(version).json" }
}
