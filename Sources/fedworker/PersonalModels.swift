// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCommandLine
import FedCore
import FedModels
import FedWorker
import Foundation

/// The models that a worker has for itself, one file for each run in `models` of its state directory.
struct PersonalModels: Sendable {
    private let folder: URL

    /// Those of a state directory; nothing is made yet.
    init(in state: String) { folder = URL(fileURLWithPath: state).appendingPathComponent("models") }

    /// Keeps the newest model of its run, in place of the one before; throws `StoreError`, or where no folder can be made.
    func keep(_ model: PersonalModel) throws {
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try TrainedModel(
            run: model.run, version: ModelVersion(model.round.rawValue), card: model.card, parameters: model.parameters
        ).write(to: file(of: model.run).path)
    }

    /// The file of the model of `run`, or of the run that was trained last.
    ///
    /// Throws `ProgramFailure` where there is none, naming those that there are.
    func path(of run: String?) throws -> String {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let runs = files.filter { $0.hasSuffix(Self.suffix) }.map { String($0.dropLast(Self.suffix.count)) }.sorted()
        if let run {
            guard runs.contains(run), let id = try? RunID(run) else {
                let known = runs.isEmpty ? "there is none" : "there are those of \(runs.joined(separator: ", "))"
                throw ProgramFailure(.usage, "\(folder.path) holds no model of run \(run): \(known)")
            }
            return file(of: id).path
        }
        let newest = runs.compactMap { try? RunID($0) }.map { file(of: $0).path }.max { age(of: $0) < age(of: $1) }
        guard let newest else {
            throw ProgramFailure(
                .usage,
                "\(folder.path) holds no model: a worker has one of its own where a run leaves parameters to its workers "
                    + "(strategy fedbn, fatbn or fedrbn, or model.statistics local); name the state directory with --state, or a model file"
            )
        }
        return newest
    }

    private static let suffix = ".safetensors"

    private func file(of run: RunID) -> URL { folder.appendingPathComponent(run.rawValue + Self.suffix) }

    private func age(of path: String) -> Date {
        (try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date) ?? .distantPast
    }
}
