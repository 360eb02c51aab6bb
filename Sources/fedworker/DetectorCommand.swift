// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCore
import FedModelOptions
import FedModels
import FedTraining
import FedWorker
import Foundation

struct DetectorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detector", abstract: "Fits a detector of attacked inputs to this worker's own model.",
        discussion: """
            A model with dual batch norms has a branch for clean inputs and one for attacked ones. The detector says of each input which \
            of them is to classify it, where 'predict' and 'evaluate' are called with --robustness auto. It is fitted to examples of the training \
            part of the data, as they are and attacked, and written into the model's file. A training in a later round writes a model without it: \
            call this when the run has ended.

            Example: fedworker detector --data digits-5=/data/digits-5 --attack pgd --epsilon 8/255
            """)

    @Argument(help: "A model file; without it the worker's own model.")
    var file: String?

    @OptionGroup var own: PersonalOptions

    @OptionGroup var data: DataOptions

    @OptionGroup var attack: AttackOptions

    @Option(help: ArgumentHelp("Fit it to so many examples, drawn by --seed.", valueName: "count"))
    var examples = 1000

    func validate() throws {
        guard examples >= 1 else { throw ValidationError("--examples takes 1 or more") }
        _ = try attack.request(orElse: .pgd)
    }

    func run() async throws {
        // A worker that trains would write its model at the same time.
        let lock = file == nil ? try Self.lock(own.state) : nil
        defer { withExtendedLifetime(lock) {} }
        guard let spec = try attack.request(orElse: .pgd).spec else { preconditionFailure("there is a usual attack") }
        let (model, path) = try own.model(file: file)
        let training = try data.loadRequired(for: model).train
        let (detecting, fit) = try model.fittingDetector(
            to: training, attack: spec, examples: examples, seed: attack.seed,
            threads: ProcessInfo.processInfo.activeProcessorCount)
        try detecting.write(to: path)
        func percent(_ share: Double) -> String { Quantity.decimal(100 * share, 2) + " %" }
        let lines = [
            "model     \(path), round \(model.version.rawValue) of run \(model.run.rawValue)",
            "data      \(training.name), \(fit.examples) training examples and what the attack (\(spec.sentence)) makes of them",
            "detector  \(fit.detector.weights.count) features; takes \(percent(fit.detections)) of the attacked ones for attacked, and "
                + "\(percent(fit.falseAlarms)) of the others",
        ]
        print(Terminal.printable(lines.joined(separator: "\n")))
    }

    private static func lock(_ state: String) throws -> StateLock? {
        do { return try StateLock.ofExisting(directory: state) } catch {
            throw ProgramFailure(
                .usage,
                "a worker is using \(state), and would write its model over this one: wait until its run has ended")
        }
    }
}
