// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

@Suite struct ModelZooTests {
    static let mnist = InputShape(channels: 1, height: 28, width: 28)

    @Test func leNetHasThePublishedSize() throws {
        let layout = try ModelZoo.layout(ModelSpec(architecture: "lenet"), input: Self.mnist, classes: 10)
        #expect(layout.count == 1_663_370)
        #expect(
            layout.parameters.map(\.name) == [
                "conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias", "fc1.weight", "fc1.bias", "fc2.weight",
                "fc2.bias",
            ])
        #expect(layout.parameters[2].shape == [64, 32, 5, 5])
        #expect(layout.parameters.map(\.role) == [.weight, .bias, .weight, .bias, .weight, .bias, .weight, .bias])
    }

    @Test(
        arguments: [
            (nil, 784 * 200 + 200 + 200 * 200 + 200 + 200 * 10 + 10), ([], 784 * 10 + 10),
            ([3], 784 * 3 + 3 + 3 * 10 + 10),
        ] as [([Int]?, Int)])
    func mlpFollowsItsWidths(_ hidden: [Int]?, _ count: Int) throws {
        let spec = ModelSpec(architecture: "mlp", hidden: hidden)
        #expect(try ModelZoo.layout(spec, input: Self.mnist, classes: 10).count == count)
    }

    @Test(arguments: ModelZoo.names)
    func layoutIsTheNetworks(_ name: String) throws {
        let spec = ModelSpec(architecture: name)
        let input = InputShape(channels: 3, height: 8, width: 9)
        let network = try ModelZoo.makeNetwork(spec, input: input, classes: 7, maximumBatch: 2)
        #expect(try ModelZoo.layout(spec, input: input, classes: 7) == network.layout)
        #expect(network.classes == 7)
        #expect(network.parameters() == [Float](repeating: 0, count: network.layout.count))
    }

    @Test func unknownNamesAreExplained() {
        let error = #expect(throws: TrainingError.self) {
            try ModelZoo.layout(ModelSpec(architecture: "LeNet5"), input: Self.mnist, classes: 10)
        }
        #expect(error?.code == .unknownArchitecture)
        #expect(error?.message.contains("did you mean lenet?") == true)
        #expect(error?.message.contains("mlp, lenet") == true)
    }

    @Test(arguments: [
        (ModelSpec(architecture: "lenet", hidden: [3]), Self.mnist, 10),
        (ModelSpec(architecture: "mlp", hidden: [0]), Self.mnist, 10),
        (ModelSpec(architecture: "mlp", hidden: [70_000]), Self.mnist, 10),
        (ModelSpec(architecture: "mlp"), Self.mnist, 1),
        (ModelSpec(architecture: "lenet"), InputShape(channels: 1, height: 3, width: 28), 10),
        (ModelSpec(architecture: "mlp"), InputShape(channels: 0, height: 3, width: 28), 10),
    ])
    func badModelsAreRefused(_ spec: ModelSpec, _ input: InputShape, _ classes: Int) {
        #expect(throws: TrainingError(.invalidModel, "")) {
            try ModelZoo.makeNetwork(spec, input: input, classes: classes, maximumBatch: 1)
        }
    }

    @Test func initialValuesFollowTheFanIn() throws {
        let network = try ModelZoo.makeNetwork(
            ModelSpec(architecture: "lenet"), input: Self.mnist, classes: 10, maximumBatch: 1)
        network.initialize(using: SeededGenerator(key: 5))
        let values = network.parameters()
        let fanIns = [25, 25, 800, 800, 3136, 3136, 512, 512]
        for (segment, fanIn) in zip(network.layout.segments, fanIns) {
            let bound = 1 / Float(fanIn).squareRoot()
            let largest = values[segment].map(\.magnitude).max() ?? 0
            #expect(largest <= bound && largest > 0.6 * bound)
        }
        network.initialize(using: SeededGenerator(key: 5))
        #expect(network.parameters() == values)
        network.initialize(using: SeededGenerator(key: 6))
        #expect(network.parameters() != values)
    }

    @Test func parametersMustBeAsManyAsTheLayoutSays() throws {
        let network = try ModelZoo.makeNetwork(
            ModelSpec(architecture: "mlp", hidden: [2]), input: InputShape(channels: 1, height: 1, width: 2),
            classes: 2,
            maximumBatch: 1)
        #expect(throws: TrainingError(.shapeMismatch, "")) { try network.loadParameters([1, 2, 3]) }
        let values = (0..<12).map(Float.init)
        try network.loadParameters(values)
        #expect(network.parameters() == values)
    }
}
