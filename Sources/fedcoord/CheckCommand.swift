// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCoordinator
import FedCore
import FedTraining
import Foundation

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Says whether a run could start with a run file, and what it would train.")

    @OptionGroup var runFile: RunFileOptions

    func run() async throws {
        let config = try runFile.load()
        let model = try CentralModel.engine(for: config)
        let size = try model.examples.map { try ModelZoo.size(of: config.network, for: $0) }
        let cost = size.map { ", \($0.multiplications) multiplications an example" } ?? ""
        let own = model.parts.own.count
        let kept = own == 0 ? "" : ", \(own) more stay with each worker"
        let shape = model.examples.map { ", \($0)" } ?? ""
        let width = config.network.width
        let narrower = config.network.levels.dropLast().map(\.description).joined(separator: ", ")
        let networks =
            config.network.bases == 1
            ? "one network of width \(width)" + (narrower.isEmpty ? "" : " with those of \(narrower) in it")
            : "\(config.network.bases) base networks of width \(width)"
        print(
            """
            \(runFile.runFile) is fine
              model   \(config.model.architecture), \(networks), \(model.layout.count) parameters in \
            \(model.layout.parameters.count) tensors\(kept)\(cost)
              data    \(config.data.dataset)\(config.data.path.map { " in \($0)" } ?? " (embedded)")\(shape)
              rounds  \(config.rounds)\(Self.costs(of: config.trainingByKind))
              up      \(config.uplinkText(for: model.layout))
              down    \(config.downlinkText(for: model.layout))
            """)
    }

    /// What training costs the kinds of workers; nothing where all train alike.
    private static func costs(of kinds: [(kind: String, training: LocalTrainingSpec)]) -> String {
        guard !kinds.isEmpty else { return "" }
        let costs = kinds.map { "\($0.kind) worker \($0.training.passCost)" }.joined(separator: ", ")
        return "\n  costs   \(costs) times the multiplications for each example and epoch"
    }
}
