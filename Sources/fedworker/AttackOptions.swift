// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import ArgumentParser
public import FedCore
public import FedModels

/// The options that say how a model is attacked.
struct AttackOptions: ParsableArguments {
    @Option(help: "The attack: pgd, apgd (Auto-PGD) or fgsm.")
    var attack: NamedAttack?

    @Option(help: ArgumentHelp("How far the attack may move a value, such as 8/255.", valueName: "number"))
    var epsilon: String?

    @Option(help: ArgumentHelp("How many steps it takes; without it pgd takes 7 and apgd 100.", valueName: "count"))
    var steps: Int?

    @Option(help: "What the distance is measured in: linf or l2.")
    var norm = AttackSpec.Norm.linf

    @Option(help: ArgumentHelp("How many random starts pgd or apgd has; the worst counts.", valueName: "count"))
    var restarts: Int?

    @Option(help: "What examples and random starts are drawn by.")
    var seed: UInt64 = 1

    /// What is asked for, or where no attack is named `usual`; throws `ValidationError` where that cannot be.
    func request(robustExamples: Int? = nil, orElse usual: NamedAttack? = nil) throws -> AttackRequest {
        guard epsilon.map({ Float(fraction: $0) != nil }) ?? true else {
            throw ValidationError("--epsilon takes a number such as 0.1 or 8/255")
        }
        let request = AttackRequest(
            name: attack ?? usual, epsilon: epsilon.flatMap { Float(fraction: $0) }, steps: steps, norm: norm,
            restarts: restarts, robustExamples: robustExamples)
        do throws(ModelError) { try request.validate() } catch { throw ValidationError(error.message) }
        return request
    }
}

extension NamedAttack: ExpressibleByArgument {}
extension AttackSpec.Norm: ExpressibleByArgument {}
