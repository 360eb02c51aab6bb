// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import ArgumentParser
public import FedCore
import FedModels

/// The options that say which attack a model is measured under.
struct AttackOptions: ParsableArguments {
    @Option(help: "Measure robust accuracy, too, under this attack: pgd or fgsm.")
    var attack: NamedAttack?

    @Option(help: ArgumentHelp("How far the attack may move a value, such as 8/255.", valueName: "number"))
    var epsilon: Fraction?

    @Option(help: ArgumentHelp("How many steps pgd takes; 7 without it.", valueName: "count"))
    var steps: Int?

    @Option(help: "What the distance is measured in: linf or l2.")
    var norm = AttackSpec.Norm.linf

    @Option(help: ArgumentHelp("How many random starts pgd has; the worst counts.", valueName: "count"))
    var restarts = 1

    @Option(help: ArgumentHelp("Attack so many examples only, drawn by --seed.", valueName: "count"))
    var robustExamples: Int?

    @Option(help: "What examples and random starts are drawn by.")
    var seed: UInt64 = 1

    func validate() throws {
        guard (robustExamples ?? 1) >= 1 else { throw ValidationError("--robust-examples takes 1 or more") }
        if attack == nil, epsilon != nil || steps != nil || robustExamples != nil {
            throw ValidationError("--epsilon, --steps and --robust-examples belong to --attack pgd or --attack fgsm")
        }
        guard attack != .fgsm || (steps == nil && restarts == 1) else {
            throw ValidationError(
                "fgsm is one step from the image itself: leave --steps and --restarts out, or take pgd")
        }
        do throws(CoreError) { try spec?.validate(at: "--attack") } catch { throw ValidationError(error.message) }
    }

    /// The attack; nil for none. Of strength 8/255 for `linf` and 1/2 for `l2`, unless said otherwise.
    var spec: AttackSpec? {
        attack?.spec(epsilon: epsilon?.value, steps: steps, norm: norm, restarts: restarts)
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
    /// As in `linf, ε 0.0314, 7 steps`.
    var sentence: String {
        let starts = restarts > 1 ? ", \(restarts) starts" : ""
        return "\(norm.rawValue), ε \(epsilon), \(steps) step\(steps == 1 ? "" : "s")\(starts)"
    }
}
