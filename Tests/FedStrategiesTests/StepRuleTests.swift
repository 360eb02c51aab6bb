// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStrategies
import Testing

@Suite struct StepRuleTests {
    private static func start() throws -> ServerModel {
        let layout = try ModelLayout([
            ParameterSpec(name: "w", shape: [3], role: .weight),
            ParameterSpec(name: "n.running_var", shape: [1], role: .cleanStatistics),
        ])
        return ServerModel(parameters: try ParameterVector(layout: layout, values: [1, -2, 0.3, 0.5]))
    }

    private static func rule(_ kind: DownlinkKind, rounds: Int = 3) -> StepRule {
        let optimizer = ServerOptimizerSpec(name: .adam, learningRate: 0.1, weightDecay: 0.01).optimizer
        return StepRule(
            kind, rule: ServerRule(optimizer: optimizer, schedule: ScheduleSpec(.cosine(minimum: 0)), rounds: rounds))
    }

    @Test func changesAreAddedAsTheyAre() throws {
        var model = try Self.start()
        try Self.rule(.changes).take([1, 1, 0.5, -4], to: ModelVersion(1), from: &model)
        #expect(model.parameters.values == [2, -1, 0.8, 0])
        #expect(model.state.isEmpty)
    }

    /// A worker that downloads the model with its moments goes on with the same bits as one that was there all the time.
    @Test func gradientsGoThroughTheOptimiserWhoeverAppliesThem() throws {
        let rule = Self.rule(.gradients)
        let steps: [[Float]] = [[0.1, -0.3, 0, 0.2], [0.2, 0.2, -1, 0], [0, 0.7, 1e-3, -0.1]]
        var server = try Self.start()
        var late: ServerModel?
        for (index, step) in steps.enumerated() {
            if index == 1 {
                let names = server.state.keys.filter(rule.travels).sorted()
                #expect(names == ["optimizer.mean", "optimizer.square"])
                let joined = try server.joined(with: names)
                #expect(joined.values.count == 12)
                late = try ServerModel(joined, layout: server.parameters.layout, names: names)
                #expect(late == server)
            }
            try rule.take(step, to: ModelVersion(index + 1), from: &server)
            if var model = late {
                try rule.take(step, to: ModelVersion(index + 1), from: &model)
                late = model
            }
        }
        #expect(late == server)
        #expect(server.parameters != (try Self.start()).parameters)
    }

    @Test(arguments: DownlinkKind.allCases) func stepsOfAnotherLengthAreRefused(_ kind: DownlinkKind) throws {
        var model = try Self.start()
        for step: [Float] in [[], [1, 2, 3], [1, 2, 3, 4, 5]] {
            let error = #expect(throws: StrategyError(.invalidState, "")) {
                try Self.rule(kind).take(step, to: ModelVersion(1), from: &model)
            }
            #expect(error?.message.contains("a step has \(step.count) values, the model 4") == true)
        }
        #expect(model == (try Self.start()))
    }

    @Test func onlyGradientsTakeMomentsAlong() {
        for kind in DownlinkKind.allCases {
            #expect(Self.rule(kind).travels("optimizer.mean") == (kind == .gradients))
            #expect(!Self.rule(kind).travels("downlink.residual"))
        }
    }

    @Test func joinedModelsOfAnotherLengthAreRefused() throws {
        let model = try Self.start()
        #expect(throws: CoreError(.countMismatch, "")) {
            try ServerModel(model.parameters, layout: model.parameters.layout, names: ["optimizer.mean"])
        }
    }

    @Test func codecsSayWhatTravels() {
        #expect(DownlinkKind(CodecID("dense-float16")) == .models)
        #expect(DownlinkKind(CodecID("stc")) == .changes)
        #expect(DownlinkKind(CodecID("ternary-sum")) == .gradients)
    }
}
