// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

/// What a forward pass computes and leaves behind, against the reference in double precision.
@Suite struct ForwardTests {
    static let shallow = NetworkCase.layers + NetworkCase.convolutions
    static let deep = NetworkCase.chains + NetworkCase.models
    static let modes = [
        PassMode.training, .evaluation, PassMode(statistics: .batch, branch: .adversarial), NetworkCase.adversarial,
        NetworkCase.frozen, NetworkCase.mixed,
    ]

    @Test(arguments: shallow)
    func layersAreTheirDefinitions(_ example: NetworkCase) throws {
        for mode in [example.mode] + Self.modes { try Self.check(example, mode, tolerance: 1e-5) }
    }

    @Test(arguments: deep)
    func networksAreTheirDefinitions(_ example: NetworkCase) throws {
        for mode in [example.mode] + Self.modes { try Self.check(example, mode, tolerance: 1e-4) }
    }

    /// Expects logits and running statistics to agree, each entry relative to its size or the tensor's root mean square.
    private static func check(_ example: NetworkCase, _ mode: PassMode, tolerance: Double) throws {
        var example = example
        example.mode = mode
        let network = try example.engine()
        let before = network.parameters()
        let pass = try example.reference(like: network).forward(example.images().map(Double.init), mode: mode)
        let logits = network.logits(images: example.images(), mode: mode)
        #expect(isClose(logits[...], pass.maps.values[...], tolerance), "logits, \(mode)")
        let after = network.parameters()
        for (parameter, segment) in zip(network.layout.parameters, network.layout.segments) {
            let isUsed =
                switch parameter.role {
                case .cleanStatistics: mode.branch == .clean || !network.layout.isDual(parameter)
                case .adversarialStatistics: mode.branch == .adversarial
                default: false
                }
            if isUsed, mode.statistics == .updating {
                #expect(isClose(after[segment], pass.values[segment], 1e-5), "\(parameter.name), \(mode)")
                #expect(after[segment] != before[segment], "\(parameter.name) has moved, \(mode)")
            } else {
                let isSame = zip(after[segment], before[segment]).allSatisfy { $0.bitPattern == $1.bitPattern }
                #expect(isSame, "\(parameter.name) has not moved, \(mode)")
            }
        }
    }

    private static func isClose(_ left: ArraySlice<Float>, _ right: ArraySlice<Double>, _ tolerance: Double) -> Bool {
        let mean = (right.reduce(0) { $0 + $1 * $1 } / Double(right.count)).squareRoot()
        return left.count == right.count
            && zip(left, right).allSatisfy { abs(Double($0) - $1) <= tolerance * max(abs($1), mean, 1e-6) }
    }

    /// What an example gives depends neither on the examples beside it nor on how many there could be.
    @Test(arguments: (shallow + deep).filter { !$0.contains(\.isLinear) })
    func examplesDoNotTouchEachOther(_ example: NetworkCase) throws {
        for (expected, found) in try Self.logitsTogetherAndApart(example) {
            #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
        }
    }

    /// A linear layer multiplies matrices by kernels that the library chooses by their sizes: the last bits may differ.
    @Test(arguments: (shallow + deep).filter { $0.contains(\.isLinear) })
    func examplesHardlyTouchEachOtherInLinearLayers(_ example: NetworkCase) throws {
        for (expected, found) in try Self.logitsTogetherAndApart(example) {
            #expect(Self.isClose(found[...], expected.map(Double.init)[...], 1e-4))
        }
    }

    /// Logits of examples in a batch of 33, and of each alone in networks for batches of 1 and of 40.
    private static func logitsTogetherAndApart(
        _ example: NetworkCase
    ) throws -> [(expected: [Float], found: [Float])] {
        let images = example.images(33)
        let mode = PassMode(statistics: .running, branch: example.mode.branch)
        let together = try example.engine(maximumBatch: 33).logits(images: images, mode: mode)
        let networks = [try example.engine(maximumBatch: 1), try example.engine(maximumBatch: 40)]
        let classes = networks[0].classes
        return [0, 1, 15, 16, 31, 32].flatMap { row in
            let image = Array(images[(row * example.input.count)..<((row + 1) * example.input.count)])
            let expected = Array(together[(row * classes)..<((row + 1) * classes)])
            return networks.map { (expected, $0.logits(images: image, mode: mode)) }
        }
    }

    /// A pass leaves nothing behind that a later, smaller one could see.
    @Test(arguments: NetworkCase.chains + NetworkCase.models)
    func passesDoNotTouchEachOther(_ example: NetworkCase) throws {
        if case .mixed = example.mode.branch { return }
        let fresh = try example.engine(maximumBatch: 33)
        let used = try example.engine(maximumBatch: 33)
        let base = used.parameters()
        var other = example
        other.batch = 33
        other.key += 1000
        let images = other.images()
        _ = used.lossAndGradient(images: images, labels: other.labels(classes: used.classes), mode: .training)
        _ = used.inputGradient(images: images, labels: other.labels(classes: used.classes), mode: .evaluation)
        try used.loadParameters(base)
        let labels = example.labels(classes: used.classes)
        let first = fresh.lossAndGradient(images: example.images(), labels: labels, mode: example.mode)
        let second = used.lossAndGradient(images: example.images(), labels: labels, mode: example.mode)
        #expect(first.loss == second.loss)
        #expect(first.gradient.map(\.bitPattern) == second.gradient.map(\.bitPattern))
        #expect(fresh.parameters().map(\.bitPattern) == used.parameters().map(\.bitPattern))
    }

    /// Layer-wise mixing at its ends is the branch itself (Split-Mix, Hong et al., ICLR 2022, section 3.3).
    @Test(arguments: (NetworkCase.layers + NetworkCase.chains + NetworkCase.models).filter { $0.contains(\.isDual) })
    func mixtureEndsAtTheBranches(_ example: NetworkCase) throws {
        let network = try example.engine()
        let images = example.images()
        func logits(_ branch: PassMode.Branch) -> [UInt32] {
            network.logits(images: images, mode: PassMode(statistics: .running, branch: branch)).map(\.bitPattern)
        }
        func gradient(_ branch: PassMode.Branch) -> [UInt32] {
            let mode = PassMode(statistics: .running, branch: branch)
            return network.inputGradient(images: images, labels: example.labels(classes: network.classes), mode: mode)
                .map(\.bitPattern)
        }
        #expect(logits(.mixed(0)) == logits(.clean))
        #expect(logits(.mixed(1)) == logits(.adversarial))
        #expect(gradient(.mixed(0)) == gradient(.clean))
        #expect(gradient(.mixed(1)) == gradient(.adversarial))
        #expect(logits(.clean) != logits(.adversarial))
        #expect(logits(.mixed(0.5)) != logits(.clean))
    }

    @Test func poolingKeepsBrokenValues() throws {
        for width in [4, 16] {
            let shape = InputShape(channels: 1, height: 2, width: width)
            let network = try Network([.maxPool(size: 2, stride: 2)], input: shape, maximumBatch: 1)
            for position in 0..<(2 * width) {
                var image = [Float](repeating: 1, count: 2 * width)
                image[position] = .nan
                let broken = network.logits(images: image).map(\.isNaN)
                #expect(broken.indices.filter { broken[$0] } == [position % width / 2])
            }
        }
    }

    @Test func rectifierKeepsPositivesAndBrokenValues() throws {
        let shape = InputShape(channels: 1, height: 1, width: 5)
        let network = try Network([.relu], input: shape, maximumBatch: 1)
        let result = network.logits(images: [-1, 0, 2.5, .nan, -.infinity])
        #expect(Array(result.prefix(3)) == [0, 0, 2.5])
        #expect(result[3].isNaN && result[4] == 0)
    }

    /// By hand, so that engine and reference do not only agree with each other.
    @Test func normalisationIsItsDefinition() throws {
        let shape = InputShape(channels: 2, height: 1, width: 3)
        let network = try Network([.batchNorm("bn")], input: shape, maximumBatch: 1)
        // Scale, shift, running mean, running variance; one below 0 counts as 0.
        try network.loadParameters([2, 3, 0.5, -0.5, 1, 2, 4, -1])
        let first = [0.0, 1, 2].map { (value: Double) -> Double in 2 * (value - 1) / (4 + 1e-5).squareRoot() + 0.5 }
        let second = [3.0, 4, 5].map { (value: Double) -> Double in 3 * (value - 2) / (1e-5).squareRoot() - 0.5 }
        let result = network.logits(images: [0, 1, 2, 3, 4, 5])
        #expect(Self.isClose(result[...], (first + second)[...], 1e-5))
        // Means 1 and 4, variances 2/3, unbiased 1; the running ones move by a tenth, from 0 where below.
        _ = network.logits(images: [0, 1, 2, 3, 4, 5], mode: .training)
        let statistics = network.parameters()[4...]
        #expect(Self.isClose(statistics, [1, 2.2, 3.7, 0.1][...], 1e-6))
    }

    /// By hand: 1·1 + 2·0 − 1·3 + 2·4 + 1/2 = 6.5 at the top left, and so on.
    @Test func convolutionAndPoolingAreTheirDefinitions() throws {
        let shape = InputShape(channels: 1, height: 3, width: 3)
        let network = try Network(
            [.convolution("c", outputs: 1, kernel: 2, stride: 1, padding: 0), .maxPool(size: 2, stride: 1)],
            input: shape, maximumBatch: 1)
        // The convolution gives 6.5, 0.5, 10.5 and -1.5.
        try network.loadParameters([1, 2, -1, 2, 0.5])
        #expect(network.logits(images: [1, 0, 2, 3, 4, 0, 1, 0, -3]) == [10.5])
    }
}

extension NetworkCase {
    /// Whether a layer, be it in a residual layer, is such a one.
    fileprivate func contains(_ isWanted: (LayerSpec) -> Bool) -> Bool { Self.contains(layers, isWanted) }

    private static func contains(_ layers: [LayerSpec], _ isWanted: (LayerSpec) -> Bool) -> Bool {
        layers.contains { layer in
            switch layer {
            case .residual(let body, let shortcut): contains(body, isWanted) || contains(shortcut, isWanted)
            case .ensemble(let bases): bases.contains { contains($0, isWanted) }
            default: isWanted(layer)
            }
        }
    }
}

extension LayerSpec {
    fileprivate var isLinear: Bool {
        if case .linear = self { true } else { false }
    }

    /// Whether it is a batch norm of two branches.
    fileprivate var isDual: Bool {
        if case .batchNorm(_, let branches) = self { branches != .one } else { false }
    }
}

extension ModelLayout {
    /// Whether there are adversarial statistics beside the clean ones of this name.
    fileprivate func isDual(_ parameter: ParameterSpec) -> Bool {
        [".running_mean", ".running_var"].contains { ending in
            guard parameter.name.hasSuffix(ending) else { return false }
            let other = parameter.name.dropLast(ending.count) + ".adversarial" + ending
            return parameters.contains { $0.name == other }
        }
    }
}
