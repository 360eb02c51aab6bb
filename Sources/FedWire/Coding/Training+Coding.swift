// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

extension Fedcoord_V1_LocalTrainingSpec {
    /// No objective has more terms.
    static let maximumTerms = 64

    init(_ spec: LocalTrainingSpec) throws(WireError) {
        self.init()
        epochs = try FieldRules.count(spec.epochs, "epochs")
        if let steps = spec.steps { self.steps = try FieldRules.count(steps, "steps") }
        batchSize = try FieldRules.count(spec.batchSize, "batch_size")
        optimizer.name =
            switch spec.optimizer.name {
            case .sgd: .sgd
            }
        optimizer.learningRate = spec.optimizer.learningRate
        optimizer.momentum = spec.optimizer.momentum
        optimizer.weightDecay = spec.optimizer.weightDecay
        objective = spec.objective.map(Fedcoord_V1_ObjectiveTerm.init)
    }

    func decoded() throws(WireError) -> LocalTrainingSpec {
        try FieldRules.require(
            objective.count <= Self.maximumTerms, "an objective has at most \(Self.maximumTerms) terms")
        guard case .sgd = optimizer.name else {
            throw WireError(.invalidField, "the assignment wants an optimiser that this version does not know")
        }
        let spec = LocalTrainingSpec(
            epochs: try FieldRules.count(epochs, "epochs"),
            steps: hasSteps ? try FieldRules.count(steps, "steps") : nil,
            batchSize: try FieldRules.count(batchSize, "batch_size"),
            optimizer: OptimizerSpec(
                name: .sgd, learningRate: optimizer.learningRate, momentum: optimizer.momentum,
                weightDecay: optimizer.weightDecay),
            objective: try objective.map { term throws(WireError) in try term.decoded() })
        try FieldRules.checked("training") { () throws(CoreError) in try spec.validate() }
        return spec
    }
}

extension Fedcoord_V1_ObjectiveTerm {
    init(_ term: ObjectiveTerm) {
        self.init()
        switch term {
        case .crossEntropy: self.term = .crossEntropy(.init())
        case .proximal(let mu):
            var proximal = Proximal()
            proximal.mu = mu
            self.term = .proximal(proximal)
        }
    }

    func decoded() throws(WireError) -> ObjectiveTerm {
        switch term {
        case .crossEntropy: .crossEntropy
        case .proximal(let proximal): .proximal(mu: proximal.mu)
        case nil: throw WireError(.invalidField, "the objective has a term that this version does not know")
        }
    }
}

extension Fedcoord_V1_UpdateScope {
    init(_ scope: UpdateScope) {
        self =
            switch scope {
            case .wholeModel: .wholeModel
            }
    }

    func decoded() throws(WireError) -> UpdateScope {
        switch self {
        case .wholeModel: .wholeModel
        case .unspecified, .UNRECOGNIZED:
            throw WireError(.invalidField, "the scope is one that this version does not know")
        }
    }
}
