// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import ArgumentParser
public import FedCore
public import FedModels

/// The options that say how a model is attacked.
public struct AttackOptions: ParsableArguments {
    @Option(help: "The attack: pgd, apgd (Auto-PGD) or fgsm.")
    private var attack: NamedAttack?

    @Option(help: ArgumentHelp("How far the attack may move a value, such as 8/255.", valueName: "number"))
    private var epsilon: Fraction?

    @Option(help: ArgumentHelp("How many steps it takes; without it pgd takes 7 and apgd 100.", valueName: "count"))
    private var steps: Int?

    @Option(help: "What the distance is measured in: linf, without it, or l2.")
    private var norm: AttackSpec.Norm?

    @Option(help: ArgumentHelp("How many random starts pgd or apgd has; the worst counts.", valueName: "count"))
    private var restarts: Int?

    /// What examples and random starts are drawn by.
    @Option(help: "What examples and random starts are drawn by.")
    public var seed: UInt64 = 1

    public init() {}

    /// What is asked for, or where no attack is named `usual`; throws `ValidationError` where that cannot be.
    public func request(robustExamples: Int? = nil, orElse usual: NamedAttack? = nil) throws -> AttackRequest {
        let request = AttackRequest(
            name: attack ?? usual, epsilon: epsilon?.value, steps: steps, norm: norm, restarts: restarts,
            robustExamples: robustExamples)
        do throws(ModelError) { try request.validate() } catch { throw ValidationError(error.message) }
        return request
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
