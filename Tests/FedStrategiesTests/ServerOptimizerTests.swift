// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStrategies
import Foundation
import Testing

@Suite struct ServerOptimizerTests {
    /// What `make-server-optimizer-steps.py` writes: bits of float32.
    struct Golden: Decodable {
        struct Case: Decodable {
            let rule: ServerOptimizerSpec
            let theta: [[UInt32]]
            let first: [[UInt32]]
            let second: [[UInt32]]
        }

        let theta: [UInt32]
        let changes: [[UInt32]]
        let scales: [UInt32]
        let cases: [Case]
    }

    private static func golden() throws -> Golden {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
        return try JSONDecoder().decode(
            Golden.self, from: Data(contentsOf: folder.appending(path: "server-optimizer-steps.json")))
    }

    private static func model(_ values: [Float]) throws -> ServerModel {
        let layout = try ModelLayout([ParameterSpec(name: "w", shape: [values.count], role: .weight)])
        return ServerModel(parameters: try ParameterVector(layout: layout, values: values))
    }

    @Test func stepsAreThoseOfTheReferenceToTheBit() throws {
        let golden = try Self.golden()
        #expect(golden.cases.count == 10 && Set(golden.cases.map(\.rule.name)).count == 4)
        for entry in golden.cases {
            try entry.rule.validate()
            let optimizer = entry.rule.optimizer
            var model = try Self.model(golden.theta.map(Float.init(bitPattern:)))
            for (number, change) in golden.changes.enumerated() {
                try optimizer.step(
                    &model, change: change.map(Float.init(bitPattern:)),
                    rateScale: Float(bitPattern: golden.scales[number]), in: [0..<golden.theta.count])
                let rule = "\(entry.rule), step \(number)"
                #expect(model.parameters.values.map(\.bitPattern) == entry.theta[number], "\(rule)")
                if let first = model.state["optimizer.momentum"] ?? model.state["optimizer.mean"] {
                    #expect(first.map(\.bitPattern) == entry.first[number], "\(rule)")
                }
                if entry.rule.name != .sgd {
                    #expect(model.state["optimizer.square"]?.map(\.bitPattern) == entry.second[number], "\(rule)")
                }
            }
            let expected = entry.rule.name == .sgd ? (entry.rule.momentum > 0 ? 1 : 0) : 2
            #expect(model.state.count == expected)
        }
    }

    @Test(arguments: ServerOptimizerSpec.Name.allCases)
    func onlyTheRangesAreTouched(_ name: ServerOptimizerSpec.Name) throws {
        let spec = ServerOptimizerSpec(name: name, momentum: name == .sgd ? 0.5 : 0, weightDecay: 0.5)
        var model = try Self.model([1, 2, 3, 4])
        try spec.optimizer.step(&model, change: [1, 1, 1, 1], rateScale: 1, in: [0..<1, 2..<3])
        #expect(model.parameters.values[1] == 2 && model.parameters.values[3] == 4)
        #expect(model.parameters.values[0] != 1 && model.parameters.values[2] != 3)
    }

    @Test func momentsOfAnotherModelAreRefused() throws {
        for (spec, moment) in [
            (ServerOptimizerSpec(momentum: 0.5), "optimizer.momentum"),
            (ServerOptimizerSpec(name: .yogi), "optimizer.square"),
        ] {
            var model = try Self.model([1, 2])
            model.state[moment] = [1]
            #expect(throws: StrategyError(.invalidState, "")) {
                try spec.optimizer.step(&model, change: [0, 0], rateScale: 1, in: [0..<2])
            }
        }
    }

    @Test func weightsAreThoseOfTheExamplesOrNone() {
        #expect(Weighting.examples.weight(examples: 7) == 7)
        #expect(Weighting.uniform.weight(examples: 7) == 1)
        #expect(Weighting.examples.bound(updates: 3, examplesPerWorker: 100) == 300)
        #expect(Weighting.uniform.bound(updates: 3, examplesPerWorker: 100) == 3)
    }
}
