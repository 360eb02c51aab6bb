// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// An attack as it is asked for on a command line: by its name, with what is said of it.
public struct AttackRequest: Hashable, Sendable {
    /// Which one; nil for none.
    public var name: NamedAttack?
    /// ε; nil for that of `NamedAttack.spec`.
    public var epsilon: Float?
    /// How many steps; nil for as many as the method has by default.
    public var steps: Int?
    /// What distances are measured in; nil for the largest difference of a value.
    public var norm: AttackSpec.Norm?
    /// How many random starts; nil for one.
    public var restarts: Int?
    /// The attack is made on so many examples only; nil for all.
    public var robustExamples: Int?

    /// No attack, unless one is named.
    public init(
        name: NamedAttack? = nil, epsilon: Float? = nil, steps: Int? = nil, norm: AttackSpec.Norm? = nil,
        restarts: Int? = nil, robustExamples: Int? = nil
    ) {
        self.name = name
        self.epsilon = epsilon
        self.steps = steps
        self.norm = norm
        self.restarts = restarts
        self.robustExamples = robustExamples
    }

    /// The attack; nil for none.
    public var spec: AttackSpec? { name?.spec(epsilon: epsilon, steps: steps, norm: norm ?? .linf, restarts: restarts) }

    /// Throws `ModelError.impossibleAttack` where what is said does not belong together, or is out of range.
    public func validate() throws(ModelError) {
        func require(_ condition: Bool, _ message: String) throws(ModelError) {
            guard condition else { throw ModelError(.impossibleAttack, message) }
        }
        try require((robustExamples ?? 1) >= 1, "--robust-examples takes 1 or more")
        try require(
            name != nil || self == AttackRequest(),
            "--epsilon, --steps, --norm, --restarts and --robust-examples belong to --attack pgd, apgd or fgsm")
        try require(
            name != .fgsm || (steps == nil && restarts == nil),
            "fgsm is one step from the image itself: leave --steps and --restarts out, or take pgd")
        do throws(CoreError) { try spec?.validate(at: "--attack") } catch {
            // The settings of an attack are options of their own.
            throw ModelError(.impossibleAttack, error.message.replacing("--attack.", with: "--"))
        }
    }
}
