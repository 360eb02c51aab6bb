// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

@Suite struct ModelZooTests {
    static let mnist = InputShape(channels: 1, height: 28, width: 28)
    static let cifar = InputShape(channels: 3, height: 32, width: 32)

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
        (ModelSpec(architecture: "lenet", bases: 0), Self.mnist, 10),
        (ModelSpec(architecture: "lenet", bases: 1025), Self.mnist, 10),
        (ModelSpec(architecture: "mlp", hidden: [0]), Self.mnist, 10),
        (ModelSpec(architecture: "mlp", hidden: [70_000]), Self.mnist, 10),
        (ModelSpec(architecture: "mlp"), Self.mnist, 1),
        (ModelSpec(architecture: "mlp", normalization: .dualShared), Self.mnist, 10),
        (ModelSpec(architecture: "lenet", normalization: .dualSeparate), Self.mnist, 10),
        (ModelSpec(architecture: "lenet", dropout: 1), Self.mnist, 10),
        (ModelSpec(architecture: "digits-cnn", hidden: [3]), Self.mnist, 10),
        (ModelSpec(architecture: "digits-cnn"), InputShape(channels: 1, height: 3, width: 28), 10),
        (ModelSpec(architecture: "resnet20"), InputShape(channels: 3, height: 0, width: 32), 10),
        (ModelSpec(architecture: "resnet20"), Self.cifar, 100_001),
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

    /// Split-Mix (Hong et al., ICLR 2022): 0.224, 0.892, 3.559 and
    /// 14.22 million parameters, 1.16, 3.69, 12.9 and 47.8 million multiplications.
    @Test(arguments: [
        (8, 224_194, 1_158_528, 704), (4, 892_154, 3_692_032, 1408), (2, 3_559_402, 12_883_968, 2816),
        (1, 14_219_210, 47_767_552, 5632),
    ])
    func digitsCNNHasThePublishedSizes(_ part: Int, _ parameters: Int, _ multiplications: Int, _ statistics: Int) throws
    {
        let size = try Self.digitsSize(part)
        #expect(size.trainedParameters == parameters)
        #expect(size.multiplications == multiplications)
        #expect(size.statistics == statistics)
    }

    /// Networks of an eighth instead of one of the width of all: the savings of Split-Mix.
    @Test(arguments: [(4, 1.99, 1.59), (2, 3.97, 2.78), (1, 7.93, 5.15)])
    func narrowNetworksSaveAsPublished(_ part: Int, _ parameters: Double, _ multiplications: Double) throws {
        let narrow = try Self.digitsSize(8)
        let wide = try Self.digitsSize(part)
        let networks = 8 / part
        #expect(
            abs(Double(wide.trainedParameters) / Double(networks * narrow.trainedParameters) - parameters) < 0.005)
        #expect(
            abs(Double(wide.multiplications) / Double(networks * narrow.multiplications) - multiplications) < 0.01)
    }

    /// Eight of 1/8: 1.794 million parameters and 9.27 million multiplications against 14.22 and 47.8 million.
    @Test(arguments: [
        (1, 224_194, 1_158_528), (2, 448_388, 2_317_056), (4, 896_776, 4_634_112), (8, 1_793_552, 9_268_224),
    ])
    func ensemblesHaveThePublishedSizes(_ bases: Int, _ parameters: Int, _ multiplications: Int) throws {
        let size = try ModelZoo.size(
            of: ModelSpec(architecture: "digits-cnn", width: try WidthRatio(1, 8), bases: bases),
            input: InputShape(channels: 3, height: 28, width: 28), classes: 10)
        #expect(size.trainedParameters == parameters)
        #expect(size.multiplications == multiplications)
        #expect(size.statistics == bases * 704)
    }

    private static func digitsSize(_ part: Int) throws -> ModelSize {
        try ModelZoo.size(
            of: ModelSpec(architecture: "digits-cnn", width: try WidthRatio(1, part)),
            input: InputShape(channels: 3, height: 28, width: 28), classes: 10)
    }

    /// He et al., CVPR 2016, table 6: 0.27 million. 432 + 32 in front; the stages have 6 · 2304 + 192,
    /// 4608 + 5 · 9216 + 384 and 18432 + 5 · 36864 + 768; the classifier 650.
    @Test func resNet20HasThePublishedSize() throws {
        let size = try ModelZoo.size(of: ModelSpec(architecture: "resnet20"), input: Self.cifar, classes: 10)
        #expect(size.trainedParameters == 269_722)
        #expect(size.statistics == 2 * (7 * 16 + 6 * 32 + 6 * 64))
        #expect(size.multiplications == 40_551_040)
    }

    /// 1728 in front; the stages have 147,968, then 525,184, 2,098,944 and 8,392,192 with a shortcut each of
    /// 8192, 32,768 and 131,072; the last norm 1024, the classifier 5130.
    @Test func preActResNet18HasItsSize() throws {
        let size = try ModelZoo.size(of: ModelSpec(architecture: "preact-resnet18"), input: Self.cifar, classes: 10)
        #expect(size.trainedParameters == 11_172_170)
        #expect(size.trainedParameters == 1728 + 147_968 + 525_184 + 2_098_944 + 8_392_192 + 1024 + 5130)
        // Two norms a block; the first of a stage has the width of the stage before.
        #expect(size.statistics == 2 * (4 * 64 + (64 + 3 * 128) + (128 + 3 * 256) + (256 + 3 * 512) + 512))
    }

    /// Widths are cut down, never below 1; inputs and classes stay.
    @Test(arguments: [
        (1, 8, [8, 8, 16, 256, 64]), (1, 3, [21, 21, 42, 682, 170]), (2, 3, [42, 42, 85, 1365, 341]),
        (1, 100, [1, 1, 1, 20, 5]),
    ])
    func widthsAreRoundedDown(_ numerator: Int, _ denominator: Int, _ widths: [Int]) throws {
        let spec = ModelSpec(architecture: "digits-cnn", width: try WidthRatio(numerator, denominator))
        let layout = try ModelZoo.layout(spec, input: InputShape(channels: 3, height: 28, width: 28), classes: 10)
        let shapes = layout.parameters.filter { $0.role == .weight }.map(\.shape)
        #expect(
            shapes == [
                [widths[0], 3, 5, 5], [widths[1], widths[0], 5, 5], [widths[2], widths[1], 5, 5],
                [widths[3], 49 * widths[2]], [widths[4], widths[3]], [10, widths[4]],
            ])
    }

    @Test func widthScalesTheHiddenLayersOfAnMLP() throws {
        let spec = ModelSpec(architecture: "mlp", hidden: [10, 7], width: try WidthRatio(1, 2))
        let layout = try ModelZoo.layout(spec, input: Self.mnist, classes: 10)
        #expect(layout.parameters.filter { $0.role == .weight }.map(\.shape) == [[5, 784], [3, 5], [10, 3]])
    }

    @Test(
        arguments: [
            (.batch, ["bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var"]),
            (
                .dualShared,
                [
                    "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var", "bn1.adversarial.running_mean",
                    "bn1.adversarial.running_var",
                ]
            ),
            (
                .dualSeparate,
                [
                    "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var", "bn1.adversarial.weight",
                    "bn1.adversarial.bias", "bn1.adversarial.running_mean", "bn1.adversarial.running_var",
                ]
            ),
        ] as [(Normalization, [String])])
    func normsHaveTheirBranches(_ normalization: Normalization, _ names: [String]) throws {
        let spec = ModelSpec(architecture: "digits-cnn", normalization: normalization)
        let layout = try ModelZoo.layout(spec, input: Self.mnist, classes: 10)
        let norm = layout.parameters.filter { $0.name.hasPrefix("bn1.") }
        #expect(norm.map(\.name) == names)
        for parameter in norm {
            let isAdversarial = parameter.name.contains("adversarial")
            let role: ParameterRole =
                if parameter.name.hasSuffix("weight") {
                    .normScale
                } else if parameter.name.hasSuffix("bias") {
                    .normShift
                } else {
                    isAdversarial ? .adversarialStatistics : .cleanStatistics
                }
            #expect(parameter.role == role, "\(parameter.name)")
            #expect(parameter.shape == [64], "\(parameter.name)")
        }
        let others = layout.parameters.filter { !$0.name.hasPrefix("bn") }
        #expect(others.map(\.role) == Array(repeating: [.weight, .bias], count: 6).flatMap { $0 })
    }

    @Test(arguments: ["preact-resnet18", "resnet20"], [Normalization.dualShared, .dualSeparate])
    func everyNormIsDual(_ name: String, _ normalization: Normalization) throws {
        let plain = try ModelZoo.size(of: ModelSpec(architecture: name), input: Self.cifar, classes: 10)
        let dual = try ModelZoo.size(
            of: ModelSpec(architecture: name, normalization: normalization), input: Self.cifar, classes: 10)
        #expect(dual.statistics == 2 * plain.statistics)
        let further = normalization == .dualShared ? 0 : plain.statistics
        #expect(dual.trainedParameters == plain.trainedParameters + further)
        #expect(dual.multiplications == plain.multiplications)
    }

    /// Every tensor of every model: bounds, means and variances of what is drawn, constants of what is not.
    @Test(arguments: ModelZoo.names)
    func initialValuesHaveTheirMoments(_ name: String) throws {
        let network = try ModelZoo.makeNetwork(
            ModelSpec(architecture: name, width: try WidthRatio(1, 2)), input: Self.cifar, classes: 10,
            maximumBatch: 1)
        network.initialize(using: SeededGenerator(key: 9))
        let values = network.parameters()
        var fanIn = 1
        for (parameter, segment) in zip(network.layout.parameters, network.layout.segments) {
            let drawn = values[segment].map(Double.init)
            let isOne = parameter.role == .normScale || parameter.name.hasSuffix("var")
            guard parameter.role == .weight || parameter.role == .bias else {
                #expect(drawn.allSatisfy { $0 == (isOne ? 1 : 0) }, "\(parameter.name)")
                continue
            }
            if parameter.role == .weight { fanIn = parameter.shape[1...].reduce(1, *) }
            let isNormal = name.contains("resnet") && parameter.shape.count == 4
            let count = Double(drawn.count)
            // Uniform in ±1/√fan-in, or He et al., ICCV 2015, eq. 10; fourth moments of 9/5 and 3 variances squared.
            let variance = (isNormal ? 2 : 1.0 / 3) / Double(fanIn)
            let mean = drawn.reduce(0, +) / count
            let square = drawn.reduce(0) { $0 + $1 * $1 } / count
            #expect(abs(mean) <= 5 * (variance / count).squareRoot(), "\(parameter.name)")
            let error = 5 * variance * ((isNormal ? 2 : 0.8) / count).squareRoot()
            #expect(abs(square - variance) <= error, "\(parameter.name)")
            guard !isNormal else { continue }
            let bound = Double(1 / Float(fanIn).squareRoot())
            #expect(drawn.allSatisfy { abs($0) <= bound }, "\(parameter.name)")
        }
    }

    /// A tensor has a stream of its own: what comes behind it does not change it.
    @Test func initialValuesDoNotDependOnOtherTensors() throws {
        let networks = try [7, 10].map { classes in
            let network = try ModelZoo.makeNetwork(
                ModelSpec(architecture: "resnet20"), input: Self.cifar, classes: classes, maximumBatch: 1)
            network.initialize(using: SeededGenerator(key: 5))
            return network
        }
        let shared = networks[0].layout.segments.dropLast(2).last?.upperBound ?? 0
        #expect(shared > 0 && networks[0].parameters()[..<shared] == networks[1].parameters()[..<shared])
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

/// Networks that this machine cannot hold are refused before they are made.
@Suite struct ModelMemoryTests {
    @Test(arguments: [
        (ModelSpec(architecture: "lenet"), 1_000_000),
        (ModelSpec(architecture: "mlp", hidden: [20_000, 20_000]), 1_000_000),
    ])
    func whatDoesNotFitIsRefused(_ spec: ModelSpec, _ batch: Int) {
        let error = #expect(throws: TrainingError.self) {
            try ModelZoo.makeNetwork(
                spec, input: InputShape(channels: 3, height: 32, width: 32), classes: 1000, maximumBatch: batch)
        }
        #expect(error?.code == .invalidModel)
        #expect(error?.message.contains("lower training.batchSize") == true)
    }

    @Test(
        arguments: [
            [.residual(body: [.flatten], shortcut: []), .linear("a", outputs: 2)],
            [
                .residual(body: [.relu, .convolution("a", outputs: 1, kernel: 1)], shortcut: []),
                .linear("b", outputs: 2),
            ],
            [
                .residual(body: [.convolution("a", outputs: 1, kernel: 1), .relu], shortcut: []),
                .linear("b", outputs: 2),
            ],
            [.maxPool(size: 2, stride: 2), .relu, .dropout(0.5), .linear("a", outputs: 2)],
        ] as [[LayerSpec]])
    func chainsWithoutAMeaningAreRefused(_ layers: [LayerSpec]) {
        let error = #expect(throws: TrainingError.self) {
            try Network(layers, input: InputShape(channels: 1, height: 4, width: 4), maximumBatch: 2)
        }
        #expect(error?.code == .invalidModel)
    }
}
