// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import ArgumentParser
internal import FedCommandLine
public import FedCore

/// The options that say under which attack a model is measured, if under any.
public struct MeasurementOptions: ParsableArguments {
    @OptionGroup private var attack: AttackOptions

    /// How many examples are attacked, drawn by `seed`; nil for all.
    @Option(help: ArgumentHelp("Attack so many examples only, drawn by --seed.", valueName: "count"))
    public var robustExamples: Int?

    public init() {}

    public func validate() throws { _ = try attack.request(robustExamples: robustExamples) }

    /// The attack, nil for none; throws `ValidationError` where what is said of it cannot be.
    public func spec() throws -> AttackSpec? { try attack.request(robustExamples: robustExamples).spec }

    /// What robust accuracy is, in words: `robust    51.00 % of 200 examples, attacked by linf, ε 0.0314, 7 steps`; nil without an
    /// attack. `examples` is how many there are.
    public func line(_ result: Evaluation, of examples: Int) throws -> String? {
        guard let robust = result.robustAccuracy, let attack = try spec() else { return nil }
        return
            "robust    \(Quantity.decimal(100 * robust, 2)) % of \(min(examples, robustExamples ?? examples)) examples, attacked by "
            + attack.sentence
    }

    /// What examples and random starts are drawn by.
    public var seed: UInt64 { attack.seed }
}
