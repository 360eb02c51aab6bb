// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// How a learning rate changes over the rounds of a run, as a run file's `training.schedule` section says it for workers
/// and `strategy.schedule` for the server.
///
/// In a run file: `{ name: constant }`, `{ name: cosine, minimum: 0.01 }`,
/// `{ name: multi-step, milestones: [150, 250], factor: 0.1 }`, `{ name: polynomial, power: 0.5, end: 0 }`, each with
/// `warmup: 5` if wanted. The rate of a round is the optimiser's `learningRate` times `scale(_:of:)` and the same for all
/// steps of that round.
public struct ScheduleSpec: Hashable, Sendable {
    /// How the rate falls; R rounds in all, of which W warm up, x = (round − W) / (R − W).
    public enum Shape: Hashable, Sendable {
        /// It does not.
        case constant
        /// m + (1 − m)(1 + cos πx) / 2 with m = `minimum` in [0, 1] (Loshchilov and Hutter, ICLR 2017, eq. 5).
        case cosine(minimum: Float)
        /// `factor`, above 0 and at most 1, to the power of how many `milestones` were reached; these are rounds counted
        /// from 0, ascending, warm-up included.
        case multiStep(milestones: [Int], factor: Float)
        /// e + (1 − e)(1 − x)^p with p = `power` above 0, e = `end` in [0, 1].
        case polynomial(power: Float, end: Float)
    }

    /// How the rate falls.
    public var shape: Shape
    /// The first so many rounds have 1/warmup, 2/warmup, … of the rate; 0 for none.
    public var warmup: Int

    /// A schedule; by default the rate stays.
    public init(_ shape: Shape = .constant, warmup: Int = 0) {
        self.shape = shape
        self.warmup = warmup
    }

    /// The factor of the learning rate in `round`, counted from 0, of a run of `rounds`; in [0, 1].
    ///
    /// The same bits on every machine. A round behind the last one counts as the last.
    public func scale(_ round: Int, of rounds: Int) -> Float {
        precondition(round >= 0 && rounds >= 1, "a run has at least one round, counted from 0")
        let round = min(round, rounds - 1)
        let x = Double(max(0, round - warmup)) / Double(max(1, rounds - warmup))
        let share: Double =
            switch shape {
            case .constant: 1
            case .cosine(let minimum): Double(minimum) + (1 - Double(minimum)) * (0.5 + 0.5 * fed_cos_pi(x))
            case .multiStep(let milestones, let factor):
                milestones.reduce(1.0) { $1 <= round ? $0 * Double(factor) : $0 }
            case .polynomial(let power, let end):
                Double(end) + (1 - Double(end)) * Self.power(1 - x, Double(power))
            }
        return Float(round < warmup ? share * Double(round + 1) / Double(warmup) : share)
    }

    /// Throws `CoreError.invalidSpecification` with the first setting, of the section `key`, that is out of its range.
    public func validate(at key: String = "training.schedule") throws(CoreError) {
        func require(_ condition: Bool, _ message: String) throws(CoreError) {
            guard condition else { throw CoreError(.invalidSpecification, "\(key).\(message)") }
        }
        try require((0...1_000_000).contains(warmup), "warmup: must be 0 to 1000000, not \(warmup)")
        switch shape {
        case .constant: break
        case .cosine(let minimum):
            try require((0...1).contains(minimum), "minimum: must be in [0, 1], not \(minimum)")
        case .multiStep(let milestones, let factor):
            try require(
                (1...1000).contains(milestones.count), "milestones: list 1 to 1000 rounds, not \(milestones.count)")
            try require(
                milestones[0] >= 1 && zip(milestones, milestones.dropFirst()).allSatisfy { $0 < $1 },
                "milestones: list rounds from 1 on in ascending order")
            try require(factor > 0 && factor <= 1, "factor: must be above 0 and at most 1, not \(factor)")
        case .polynomial(let power, let end):
            try require(power > 0 && power <= 1000, "power: must be above 0 and at most 1000, not \(power)")
            try require((0...1).contains(end), "end: must be in [0, 1], not \(end)")
        }
    }

    /// base^exponent for a base in [0, 1], without the C library's, whose last bit depends on the machine.
    private static func power(_ base: Double, _ exponent: Double) -> Double {
        if base == 0 || base == 1 || exponent == 1 { return base }
        return exponent == 0.5 ? base.squareRoot() : fed_exp(exponent * fed_log(base))
    }
}

extension ScheduleSpec: Codable {
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, warmup, minimum, milestones, factor, power, end
    }

    package enum Name: String, NamedChoice {
        case constant, cosine
        case multiStep = "multi-step"
        case polynomial

        var settings: [CodingKeys] {
            switch self {
            case .constant: []
            case .cosine: [.minimum]
            case .multiStep: [.milestones, .factor]
            case .polynomial: [.power, .end]
            }
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let name = try container.decode(Name.self, forKey: .name)
        for key in CodingKeys.allCases
        where key != .name && key != .warmup && container.contains(key) && !name.settings.contains(key) {
            let owner = Name.allCases.first { $0.settings.contains(key) }?.rawValue ?? "none"
            throw DecodingError.dataCorruptedError(
                forKey: key, in: container,
                debugDescription: "\(name.rawValue) has no such setting (it belongs to \(owner)): remove it")
        }
        let shape: Shape =
            switch name {
            case .constant: .constant
            case .cosine: .cosine(minimum: try container.decodeIfPresent(Float.self, forKey: .minimum) ?? 0)
            case .multiStep:
                .multiStep(
                    milestones: try container.decode([Int].self, forKey: .milestones),
                    factor: try container.decodeIfPresent(Float.self, forKey: .factor) ?? 0.1)
            case .polynomial:
                .polynomial(
                    power: try container.decodeIfPresent(Float.self, forKey: .power) ?? 1,
                    end: try container.decodeIfPresent(Float.self, forKey: .end) ?? 0)
            }
        self.init(shape, warmup: try container.decodeIfPresent(Int.self, forKey: .warmup) ?? 0)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch shape {
        case .constant: try container.encode(Name.constant, forKey: .name)
        case .cosine(let minimum):
            try container.encode(Name.cosine, forKey: .name)
            try container.encode(minimum, forKey: .minimum)
        case .multiStep(let milestones, let factor):
            try container.encode(Name.multiStep, forKey: .name)
            try container.encode(milestones, forKey: .milestones)
            try container.encode(factor, forKey: .factor)
        case .polynomial(let power, let end):
            try container.encode(Name.polynomial, forKey: .name)
            try container.encode(power, forKey: .power)
            try container.encode(end, forKey: .end)
        }
        if warmup != 0 { try container.encode(warmup, forKey: .warmup) }
    }
}
