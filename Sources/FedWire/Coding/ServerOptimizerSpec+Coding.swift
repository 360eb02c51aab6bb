// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

extension Fedcoord_V1_ServerOptimizerSpec {
    init(_ spec: ServerOptimizerSpec) throws(WireError) {
        self.init()
        // The settings of other rules are not encoded, so that decoding would not miss them.
        try FieldRules.checked("server_optimizer") { () throws(CoreError) in try spec.validate() }
        name =
            switch spec.name {
            case .sgd: .sgd
            case .adam: .adam
            case .yogi: .yogi
            case .adagrad: .adagrad
            }
        for setting in spec.name.settings {
            switch setting {
            case .name: break
            case .learningRate: learningRate = spec.learningRate
            case .momentum: momentum = spec.momentum
            case .nesterov: nesterov = spec.nesterov
            case .beta1: beta1 = spec.beta1
            case .beta2: beta2 = spec.beta2
            case .epsilon: epsilon = spec.epsilon
            case .weightDecay: weightDecay = spec.weightDecay
            }
        }
    }

    func decoded() throws(WireError) -> ServerOptimizerSpec {
        let known: ServerOptimizerSpec.Name
        switch name {
        case .sgd: known = .sgd
        case .adam: known = .adam
        case .yogi: known = .yogi
        case .adagrad: known = .adagrad
        case .unspecified, .UNRECOGNIZED:
            throw WireError(.invalidField, "the run has a server optimiser that this version does not know")
        }
        var spec = ServerOptimizerSpec(name: known)
        for setting in known.settings {
            switch setting {
            case .name: break
            case .learningRate: spec.learningRate = learningRate
            case .momentum: spec.momentum = momentum
            case .nesterov: spec.nesterov = nesterov
            case .beta1: spec.beta1 = beta1
            case .beta2: spec.beta2 = beta2
            case .epsilon: spec.epsilon = epsilon
            case .weightDecay: spec.weightDecay = weightDecay
            }
        }
        try FieldRules.checked("server_optimizer") { () throws(CoreError) in try spec.validate() }
        return spec
    }
}
