// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser

struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "The models that runs leave: cut, measured, drawn, exported.",
        discussion: """
            A model of base networks (strategy split-mix) can be cut to any multiple of a base network's width, and one with \
            dual batch norms to any robustness. Nothing is trained for it. Models of other runs are measured and exported alike.
            """,
        subcommands: [
            ModelShowCommand.self, ModelCustomizeCommand.self, ModelEvaluateCommand.self, ModelSweepCommand.self,
            ModelExportCommand.self,
        ])
}
