// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCore
import FedModelOptions
import FedModels
import FedTraining
import Foundation

struct ModelSweepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep", abstract: "Measures a model at every width and robustness that it can be cut to.",
        discussion: """
            The base networks are ordered by their accuracy on the validation part of the data first, as 'customize --data' does; \
            what is reported is measured on the test part.

            Example: fedcoord model sweep digits-1 --data mnist=/data/mnist --attack pgd --epsilon 8/255 --report sweep.json \
            --picture sweep.svg
            """)

    @OptionGroup var model: ModelOptions

    @OptionGroup var data: DataOptions

    @OptionGroup var measurement: MeasurementOptions

    @Option(
        help: ArgumentHelp(
            "The widths, as in 1/8,1/2,1; 'all' for every one; by default one base network and each doubling.",
            valueName: "list"))
    var widths: String?

    @Option(
        help: ArgumentHelp(
            "The values of robustness, as in 0,0.5,1; by default 0,0.2,0.5,0.8,1 where batch norms are dual.",
            valueName: "list"))
    var robustness: String?

    @Flag(help: "Leave the base networks in the order of the model.")
    var storedOrder = false

    @Option(help: ArgumentHelp("Where to write the report (JSON).", valueName: "file"))
    var report: String

    @Option(help: ArgumentHelp("Where to draw the picture (SVG).", valueName: "file"))
    var picture: String?

    func run() async throws {
        let path = try await model.path()
        try OutputFile.check(report, apartFrom: [path])
        if let picture { try OutputFile.check(picture, apartFrom: [path, report]) }
        var model = try TrainedModel(reading: path)
        var settings = ModelSweep.Settings(for: model)
        if let widths { settings.widths = widths == "all" ? model.widths : try Self.widths(widths) }
        if let robustness { settings.robustness = try Self.shares(robustness) }
        settings.attack = try measurement.spec()
        settings.robustExamples = measurement.robustExamples
        settings.seed = measurement.seed
        settings.threads = ProcessInfo.processInfo.activeProcessorCount
        let data = try data.loadRequired(for: model)
        let terminal = Terminal()
        if !storedOrder {
            let (ordered, lines) = try ModelCustomizeCommand.ordered(model, by: data)
            model = ordered
            for line in lines { terminal.print(line) }
        }
        let count = settings.widths.count * settings.robustness.count
        var done = 0
        let sweep = try ModelSweep(model, on: data.test, settings: settings) { _ in
            done += 1
            terminal.status("\(Terminal.bar(Double(done) / Double(count))) \(done) of \(count)")
        }
        let document = SweepReport(
            model: try ModelSummary(model, path: path), dataset: data.test.name, domain: data.domain,
            examples: data.test.count, attack: settings.attack, points: sweep.points)
        for line in SweepReport.table(sweep) { terminal.print(line) }
        try OutputFile.write(try JSONText.data(document), to: report)
        if let picture {
            let attacked = settings.attack.map { ", attacked by \($0.sentence)" } ?? ""
            let title = "\(model.card.model.architecture) of run \(model.run) on \(data.title)\(attacked)"
            try OutputFile.write(Data(sweep.picture(title: title).utf8), to: picture)
        }
        terminal.print("wrote \([report, picture].compactMap { $0 }.joined(separator: " and "))")
    }

    private static func widths(_ list: String) throws -> [WidthRatio] {
        try list.split(separator: ",", omittingEmptySubsequences: false).map { text in
            do throws(CoreError) { return try WidthRatio(text: String(text)) } catch {
                throw ProgramFailure(.usage, "--widths: \(error.message)")
            }
        }
    }

    private static func shares(_ list: String) throws -> [Float] {
        try list.split(separator: ",", omittingEmptySubsequences: false).map { text in
            guard let share = Float(text), (0...1).contains(share) else {
                throw ProgramFailure(.usage, "--robustness takes numbers from 0 to 1, as in 0,0.5,1, not \(text)")
            }
            return share
        }
    }
}
