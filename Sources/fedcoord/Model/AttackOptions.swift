// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import ArgumentParser
public import FedCore
import FedModels

/// The options that say which attack a model is measured under.
struct AttackOptions: ParsableArguments {
    @Option(help: "Measure robust accuracy, too, under this attack: pgd, apgd (Auto-PGD) or fgsm.")
    var attack: NamedAttack?

    @Option(help: ArgumentHelp("How far the attack may move a value, such as 8/255.", valueName: "number"))
    var epsilon: Fraction?

    @Option(help: ArgumentHelp("How many steps it takes; without it pgd takes 7 and apgd 100.", valueName: "count"))
    var steps: Int?

    @Option(help: "What the distance is measured in: linf or l2.")
    var norm = AttackSpec.Norm.linf

    @Option(help: ArgumentHelp("How many random starts pgd or apgd has; the worst counts.", valueName: "count"))
    var restarts: Int?

    @Option(help: ArgumentHelp("Attack so many examples only, drawn by --seed.", valueName: "count"))
    var robustExamples: Int?

    @Option(help: "What examples and random starts are drawn by.")
    var seed: UInt64 = 1

    func validate() throws {
        do throws(ModelError) { try request.validate() } catch { throw ValidationError(error.message) }
    }

    /// The attack; nil for none. Of strength 8/255 for `linf` and 1/2 for `l2`, unless said otherwise.
    var spec: AttackSpec? { request.spec }

    private var request: AttackRequest {
        AttackRequest(
            name: attack, epsilon: epsilon?.value, steps: steps, norm: norm, restarts: restarts,
            robustExamples: robustExamples)
    }
}

/// A number on a command line that may be written as 8/255.
struct Fraction: ExpressibleByArgument {
    /// The number.
    let value: Float

    init?(argument: String) {
        guard let value = Float(fraction: argument) else { return nil }
        self.value = value
    }
}

extension AttackSpec.Norm: ExpressibleByArgument {}
extension NamedAttack: ExpressibleByArgument {}

extension AttackSpec {
    /// As in `linf, ε 0.0314, 7 steps`, or `apgd, linf, ε 0.0314, 100 steps`.
    var sentence: String {
        let name = method == .pgd ? "" : "\(method.rawValue), "
        let starts = restarts > 1 ? ", \(restarts) starts" : ""
        return "\(name)\(norm.rawValue), ε \(epsilon), \(steps) step\(steps == 1 ? "" : "s")\(starts)"
    }
}
