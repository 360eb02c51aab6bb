// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

extension Fedcoord_V1_LocalTrainingSpec {
    /// No objective has more terms.
    static let maximumTerms = 64

    init(_ spec: LocalTrainingSpec) throws(WireError) {
        self.init()
        // The settings of other rules than the optimiser's are not encoded, so that decoding would not miss them.
        try FieldRules.checked("training") { () throws(CoreError) in try spec.validate() }
        epochs = try FieldRules.count(spec.epochs, "epochs")
        if let steps = spec.steps { self.steps = try FieldRules.count(steps, "steps") }
        batchSize = try FieldRules.count(spec.batchSize, "batch_size")
        optimizer = .init(spec.optimizer)
        schedule = try .init(spec.schedule)
        if let clipNorm = spec.clipNorm { self.clipNorm = clipNorm }
        if let smoothOut = spec.smoothOut { self.smoothOut = .init(smoothOut) }
        if let augmentation = spec.augmentation { self.augmentation = try .init(augmentation) }
        if let passes = spec.statisticsPasses { statisticsPasses = try FieldRules.count(passes, "statistics_passes") }
        objective = try spec.objective.map { term throws(WireError) in try .init(term) }
    }

    func decoded() throws(WireError) -> LocalTrainingSpec {
        try FieldRules.require(
            objective.count <= Self.maximumTerms, "an objective has at most \(Self.maximumTerms) terms")
        let spec = LocalTrainingSpec(
            epochs: try FieldRules.count(epochs, "epochs"),
            steps: hasSteps ? try FieldRules.count(steps, "steps") : nil,
            batchSize: try FieldRules.count(batchSize, "batch_size"),
            optimizer: try optimizer.decoded(),
            schedule: hasSchedule ? try schedule.decoded() : ScheduleSpec(),
            clipNorm: hasClipNorm ? clipNorm : nil,
            smoothOut: hasSmoothOut ? try smoothOut.decoded() : nil,
            augmentation: hasAugmentation ? try augmentation.decoded() : nil,
            objective: try objective.map { term throws(WireError) in try term.decoded() },
            statisticsPasses: hasStatisticsPasses
                ? try FieldRules.count(statisticsPasses, "statistics_passes") : nil)
        try FieldRules.checked("training") { () throws(CoreError) in try spec.validate() }
        return spec
    }
}

extension Fedcoord_V1_OptimizerSpec {
    init(_ spec: OptimizerSpec) {
        self.init()
        name =
            switch spec.name {
            case .sgd: .sgd
            case .adamw: .adamw
            case .qhm: .qhm
            case .adagrad: .adagrad
            case .rmsprop: .rmsprop
            }
        learningRate = spec.learningRate
        for setting in spec.name.settings {
            switch setting {
            case .name, .learningRate: break
            case .momentum: momentum = spec.momentum
            case .nesterov: nesterov = spec.nesterov
            case .weightDecay: weightDecay = spec.weightDecay
            case .decoupled: decoupled = spec.decoupled
            case .beta1: beta1 = spec.beta1
            case .beta2: beta2 = spec.beta2
            case .epsilon: epsilon = spec.epsilon
            case .nu: nu = spec.nu
            case .rho: rho = spec.rho
            case .state: keepsState = spec.state == .kept
            }
        }
    }

    func decoded() throws(WireError) -> OptimizerSpec {
        let known: OptimizerSpec.Name
        switch name {
        case .sgd: known = .sgd
        case .adamw: known = .adamw
        case .qhm: known = .qhm
        case .adagrad: known = .adagrad
        case .rmsprop: known = .rmsprop
        case .unspecified, .UNRECOGNIZED:
            throw WireError(.invalidField, "the assignment wants an optimiser that this version does not know")
        }
        var spec = OptimizerSpec(name: known, learningRate: learningRate)
        for setting in known.settings {
            switch setting {
            case .name, .learningRate: break
            case .momentum: spec.momentum = momentum
            case .nesterov: spec.nesterov = nesterov
            case .weightDecay: spec.weightDecay = weightDecay
            case .decoupled: spec.decoupled = decoupled
            case .beta1: spec.beta1 = beta1
            case .beta2: spec.beta2 = beta2
            case .epsilon: spec.epsilon = epsilon
            case .nu: spec.nu = nu
            case .rho: spec.rho = rho
            case .state: spec.state = keepsState ? .kept : .fresh
            }
        }
        return spec
    }
}

extension Fedcoord_V1_ScheduleSpec {
    init(_ spec: ScheduleSpec) throws(WireError) {
        self.init()
        warmup = try FieldRules.count(spec.warmup, "warmup")
        switch spec.shape {
        case .constant: shape = .constant(.init())
        case .cosine(let minimum):
            cosine.minimum = minimum
        case .multiStep(let milestones, let factor):
            multiStep.factor = factor
            multiStep.milestones = try milestones.map { round throws(WireError) in
                try FieldRules.count(round, "a milestone")
            }
        case .polynomial(let power, let end):
            polynomial.power = power
            polynomial.end = end
        }
    }

    func decoded() throws(WireError) -> ScheduleSpec {
        let known: ScheduleSpec.Shape
        switch shape {
        case .constant: known = .constant
        case .cosine(let cosine): known = .cosine(minimum: cosine.minimum)
        case .multiStep(let multiStep):
            let milestones = try multiStep.milestones.map { round throws(WireError) in
                try FieldRules.count(round, "a milestone")
            }
            known = .multiStep(milestones: milestones, factor: multiStep.factor)
        case .polynomial(let polynomial): known = .polynomial(power: polynomial.power, end: polynomial.end)
        case nil: throw WireError(.invalidField, "the assignment wants a schedule that this version does not know")
        }
        return ScheduleSpec(known, warmup: try FieldRules.count(warmup, "warmup"))
    }
}

extension Fedcoord_V1_SmoothOutSpec {
    init(_ spec: SmoothOutSpec) {
        self.init()
        range = spec.range
        scaling =
            switch spec.scaling {
            case .none: .none
            case .magnitude: .magnitude
            }
    }

    func decoded() throws(WireError) -> SmoothOutSpec {
        switch scaling {
        case .none: SmoothOutSpec(range: range, scaling: .none)
        case .magnitude: SmoothOutSpec(range: range, scaling: .magnitude)
        case .unspecified, .UNRECOGNIZED:
            throw WireError(.invalidField, "smooth_out has a scaling that this version does not know")
        }
    }
}

extension Fedcoord_V1_AugmentationSpec {
    init(_ spec: AugmentationSpec) throws(WireError) {
        self.init()
        cropPadding = try FieldRules.count(spec.cropPadding, "crop_padding")
        horizontalFlip = spec.horizontalFlip
    }

    func decoded() throws(WireError) -> AugmentationSpec {
        AugmentationSpec(
            cropPadding: try FieldRules.count(cropPadding, "crop_padding"), horizontalFlip: horizontalFlip)
    }
}

extension Fedcoord_V1_AttackSpec {
    /// Throws `WireError.invalidField` for a method that nobody trains with.
    init(_ spec: AttackSpec) throws(WireError) {
        guard spec.method == .pgd else {
            throw WireError(.invalidField, "workers train against pgd only, not \(spec.method.rawValue)")
        }
        self.init()
        norm =
            switch spec.norm {
            case .linf: .linf
            case .l2: .l2
            }
        epsilon = spec.epsilon
        steps = try FieldRules.count(spec.steps, "steps")
        if let stepSize = spec.stepSize { self.stepSize = stepSize }
        randomStart = spec.randomStart
        restarts = try FieldRules.count(spec.restarts, "restarts")
    }

    func decoded() throws(WireError) -> AttackSpec {
        let known: AttackSpec.Norm
        switch norm {
        case .linf: known = .linf
        case .l2: known = .l2
        case .unspecified, .UNRECOGNIZED:
            throw WireError(.invalidField, "the attack has a norm that this version does not know")
        }
        return AttackSpec(
            norm: known, epsilon: epsilon, steps: try FieldRules.count(steps, "steps"),
            stepSize: hasStepSize ? stepSize : nil, randomStart: randomStart,
            restarts: try FieldRules.count(restarts, "restarts"))
    }
}

extension Fedcoord_V1_ObjectiveTerm {
    init(_ term: ObjectiveTerm) throws(WireError) {
        self.init()
        switch term {
        case .crossEntropy(let labelSmoothing, let masked):
            crossEntropy.labelSmoothing = labelSmoothing
            crossEntropy.masked = masked
        case .proximal(let mu): proximal.mu = mu
        case .adversarial(let spec):
            adversarial.attack = try .init(spec.attack)
            adversarial.weight = spec.weight
            adversarial.strengths = spec.strengths
            adversarial.combination =
                switch spec.combination {
                case .mixed: .mixed
                case .parallel: .parallel
                }
        case .calibration(let weight): calibration.weight = weight
        }
    }

    func decoded() throws(WireError) -> ObjectiveTerm {
        switch term {
        case .crossEntropy(let crossEntropy):
            .crossEntropy(labelSmoothing: crossEntropy.labelSmoothing, masked: crossEntropy.masked)
        case .proximal(let proximal): .proximal(mu: proximal.mu)
        case .adversarial(let adversarial): .adversarial(try adversarial.decoded())
        case .calibration(let calibration): .calibration(weight: calibration.weight)
        case nil: throw WireError(.invalidField, "the objective has a term that this version does not know")
        }
    }
}

extension Fedcoord_V1_ObjectiveTerm.Adversarial {
    func decoded() throws(WireError) -> AdversarialTerm {
        let known: AdversarialTerm.Combination
        switch combination {
        case .mixed: known = .mixed
        case .parallel: known = .parallel
        case .unspecified, .UNRECOGNIZED:
            throw WireError(.invalidField, "the strengths are combined in a way that this version does not know")
        }
        return AdversarialTerm(
            attack: try attack.decoded(), weight: weight, strengths: strengths, combination: known)
    }
}

extension Fedcoord_V1_UpdateScope {
    init(_ scope: UpdateScope) {
        self =
            switch scope {
            case .wholeModel: .wholeModel
            case .bases: .bases
            case .nested: .nested
            }
    }

    /// The scope, with the numbers or the width that stand beside it.
    func decoded(bases: [UInt32], level: WidthRatio?) throws(WireError) -> UpdateScope {
        let scope: UpdateScope
        switch self {
        case .wholeModel: scope = .wholeModel
        case .nested:
            guard let level else { throw WireError(.invalidField, "the scope of a nested network has a level") }
            scope = .nested(level)
        case .bases: scope = .bases(bases.map(Int.init))
        case .unspecified, .UNRECOGNIZED:
            throw WireError(.invalidField, "the scope is one that this version does not know")
        }
        try FieldRules.require(bases.isEmpty || scope.bases != nil, "bases belong to the scope of bases")
        try FieldRules.require(level == nil || scope.width != nil, "a level belongs to the scope of a nested network")
        try FieldRules.require(
            scope.isValid(), "bases are ascending numbers below \(ModelSpec.maximumBases), at least one")
        return scope
    }
}
