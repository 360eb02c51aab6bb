// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import ArgumentParser
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

    /// What examples and random starts are drawn by.
    public var seed: UInt64 { attack.seed }
}
