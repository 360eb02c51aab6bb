// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import ArgumentParser
import FedCommandLine
public import FedCore
public import FedModels
import FedTraining
import Foundation

struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Measures this worker's own model on the test part of data.",
        discussion: """
            Where the model is of a run whose workers belong to domains, the test examples of its domain are used, unless --all-domains \
            says otherwise. With an attack it measures robust accuracy, too: the share of examples that are classified \
            correctly both as they are and under the attack.

            Example: fedworker evaluate --data digits-5=/data/digits-5 --attack pgd --epsilon 8/255
            """)

    @Argument(help: "A model file; without it the worker's own model.")
    var file: String?

    @OptionGroup var own: PersonalOptions

    @Option(
        help: ArgumentHelp(
            "A data set: its name and its file or folder, as in mnist=/data/mnist, or digits.", valueName: "name=path"))
    var data: String

    @Option(help: ArgumentHelp("The label column of a CSV file.", valueName: "column"))
    var label: String?

    @Option(help: ArgumentHelp("How the columns of a CSV file are coded.", valueName: "file"))
    var schema: String?

    @Flag(help: "Use the test examples of all domains.")
    var allDomains = false

    @Option(help: "Measure robust accuracy, too, under this attack: pgd or fgsm.")
    var attack: NamedAttack?

    @Option(help: ArgumentHelp("How far the attack may move a value, such as 8/255.", valueName: "number"))
    var epsilon: String?

    @Option(help: ArgumentHelp("How many steps pgd takes; 7 without it.", valueName: "count"))
    var steps: Int?

    @Option(help: "What the distance is measured in: linf or l2.")
    var norm = AttackSpec.Norm.linf

    @Option(help: ArgumentHelp("How many random starts pgd has; the worst counts.", valueName: "count"))
    var restarts: Int?

    @Option(help: ArgumentHelp("Attack so many examples only, drawn by --seed.", valueName: "count"))
    var robustExamples: Int?

    @Option(help: "What examples and random starts are drawn by.")
    var seed: UInt64 = 1

    @Option(help: "How to print: text or json.")
    var format = PredictCommand.Format.text

    func validate() throws {
        guard (robustExamples ?? 1) >= 1 else { throw ValidationError("--robust-examples takes 1 or more") }
        guard epsilon.map({ Float(fraction: $0) != nil }) ?? true else {
            throw ValidationError("--epsilon takes a number such as 0.1 or 8/255")
        }
        if attack == nil, epsilon != nil || steps != nil || restarts != nil || robustExamples != nil {
            throw ValidationError(
                "--epsilon, --steps, --restarts and --robust-examples belong to --attack pgd or --attack fgsm")
        }
        guard attack != .fgsm || (steps == nil && restarts == nil) else {
            throw ValidationError(
                "fgsm is one step from the image itself: leave --steps and --restarts out, or take pgd")
        }
        do throws(CoreError) { try spec?.validate(at: "--attack") } catch { throw ValidationError(error.message) }
    }

    private var spec: AttackSpec? {
        attack?.spec(
            epsilon: epsilon.flatMap { Float(fraction: $0) }, steps: steps, norm: norm, restarts: restarts)
    }

    func run() async throws {
        let (model, path) = try own.model(file: file)
        let parts = data.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let test = try DatasetRegistry.load(
            DatasetSource(name: parts[0], path: parts.count == 2 ? parts[1] : nil, label: label, schema: schema)
        ).test
        let domain = allDomains ? nil : model.card.domain
        let examples = domain.map { test.examples(of: $0.value, under: .domains(by: $0.attribute)) } ?? test
        let result = try model.evaluate(
            on: examples, attack: spec, robustExamples: robustExamples, seed: seed,
            threads: ProcessInfo.processInfo.activeProcessorCount)
        let report = Report(
            model: path, run: model.run.rawValue, round: model.version.rawValue, robustness: model.card.robustness,
            dataset: test.name, domain: examples.count < test.count ? domain : nil, examples: examples.count,
            result: result, attack: spec)
        switch format {
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            encoder.nonConformingFloatEncodingStrategy = .convertToString(
                positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
            print(String(decoding: try encoder.encode(report), as: UTF8.self))
        case .text: print(Terminal.printable(report.lines.joined(separator: "\n")))
        }
    }

    private struct Report: Encodable {
        let model: String
        let run: String
        let round: Int
        let robustness: Float
        let dataset: String
        let domain: ModelCard.Domain?
        let examples: Int
        let result: Evaluation
        let attack: AttackSpec?

        var lines: [String] {
            let own = domain.map { " of \($0.attribute) \($0.value)" } ?? ""
            var lines = [
                "model     \(model), round \(round) of run \(run)",
                "data      \(dataset), \(examples) test examples\(own)",
                "accuracy  \(Quantity.decimal(100 * result.accuracy, 2)) %, loss \(Quantity.decimal(result.loss, 3))",
            ]
            if let robust = result.robustAccuracy {
                lines.append("robust    \(Quantity.decimal(100 * robust, 2)) % under the attack")
            }
            return lines
        }
    }
}

extension NamedAttack: ExpressibleByArgument {}
extension AttackSpec.Norm: ExpressibleByArgument {}
