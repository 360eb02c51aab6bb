// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Foundation
import Testing

/// How unusual an example is to the branches of dual batch norms.
@Suite struct BranchFeaturesTests {
    private static let shape = InputShape(channels: 3, height: 4, width: 5)

    private static func images(_ count: Int, key: UInt64 = 4) -> [Float] {
        var stream = SeededGenerator(key: key)
        return (0..<count * shape.count).map { _ in stream.nextUnitFloat() }
    }

    /// A network whose running means and variances are drawn.
    private static func network(
        _ layers: [LayerSpec], maximumBatch: Int = 20, usedStatistics: PassMode.Statistics = .running
    ) throws -> Network {
        let network = try Network(
            layers, input: shape, maximumBatch: maximumBatch, usedStatistics: usedStatistics)
        network.initialize(using: SeededGenerator(key: 3))
        var values = network.parameters()
        var stream = SeededGenerator(key: 8)
        for (index, parameter) in network.layout.parameters.enumerated() where parameter.role.isStatistics {
            for position in network.layout.segments[index] { values[position] = 0.25 + stream.nextUnitFloat() }
        }
        try network.loadParameters(values)
        return network
    }

    /// The statistics of one branch, [mean, variance] and of each a value a channel, in the order of the layers.
    private static func statistics(_ network: Network, _ role: ParameterRole) -> [[Double]] {
        let values = network.parameters()
        return network.layout.parameters.indices.filter { network.layout.parameters[$0].role == role }
            .map { network.layout.segments[$0].map { Double(values[$0]) } }
    }

    /// Worked out by hand: the batch norm is the first layer, so that its input is the image.
    @Test(arguments: [1, 3, 16, 20])
    func featuresAreDistancesFromTheStatistics(_ count: Int) throws {
        let network = try Self.network([
            .batchNorm("bn", branches: .separateAffine), .relu, .flatten, .linear("fc", outputs: 2),
        ])
        let images = Self.images(count)
        let features = try #require(network.branchFeatures(images: images))
        #expect(network.branchFeatures == 4 && features.count == count)
        let pixels = Self.shape.height * Self.shape.width
        for row in 0..<count {
            var expected: [Double] = []
            for role in [ParameterRole.cleanStatistics, .adversarialStatistics] {
                let statistics = Self.statistics(network, role)
                var (means, variances) = (0.0, 0.0)
                for channel in 0..<3 {
                    let start = row * Self.shape.count + channel * pixels
                    let values = images[start..<start + pixels].map(Double.init)
                    let mean = values.reduce(0, +) / Double(pixels)
                    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(pixels)
                    let scale = 1 / (statistics[1][channel] + 1e-5)
                    means += (mean - statistics[0][channel]) * (mean - statistics[0][channel]) * scale / 3
                    variances += variance * scale / 3
                }
                expected += [log(means), log(variances)]
            }
            for (found, expected) in zip(features[row], expected) { #expect(abs(found - expected) < 1e-5) }
        }
    }

    /// Behind a linear layer a channel has one value, and no variance of its own.
    @Test func vectorsHaveOneDistanceFromEachBranch() throws {
        let network = try Self.network([
            .flatten, .linear("fc1", outputs: 4), .batchNorm("bn", branches: .sharedAffine), .relu,
            .linear("fc2", outputs: 2),
        ])
        let images = Self.images(5)
        let features = try #require(network.branchFeatures(images: images))
        #expect(network.branchFeatures == 2)
        let values = network.parameters()
        let layout = network.layout
        let statistics = [ParameterRole.cleanStatistics, .adversarialStatistics].map { Self.statistics(network, $0) }
        for row in 0..<5 {
            var sums = [0.0, 0.0]
            for output in 0..<4 {
                var sum = Double(values[layout.segments[1].lowerBound + output])
                for index in 0..<Self.shape.count {
                    let weight = values[layout.segments[0].lowerBound + output * Self.shape.count + index]
                    sum += Double(weight) * Double(images[row * Self.shape.count + index])
                }
                for branch in 0..<2 {
                    let distance = sum - statistics[branch][0][output]
                    sums[branch] += distance * distance / (statistics[branch][1][output] + 1e-5) / 4
                }
            }
            for branch in 0..<2 { #expect(abs(features[row][branch] - log(sums[branch])) < 1e-4) }
        }
    }

    /// In residual blocks and ensembles, too, every batch norm is asked, and examples do not touch each other.
    @Test(arguments: ["digits-cnn", "resnet20", "preact-resnet18"], [1, 2])
    func everyLayerOfEveryModelIsAsked(_ architecture: String, _ bases: Int) throws {
        let spec = ModelSpec(
            architecture: architecture, width: try WidthRatio(1, 8), normalization: .dualSeparate, bases: bases)
        let input = InputShape(channels: 3, height: 16, width: 16)
        func network(_ batch: Int) throws -> Network {
            let network = try ModelZoo.makeNetwork(spec, input: input, classes: 3, maximumBatch: batch)
            network.initialize(using: SeededGenerator(key: 5))
            return network
        }
        let together = try network(5)
        let means = together.layout.parameters.count { $0.role == .adversarialStatistics } / 2
        // digits-cnn has two of vectors in each base network.
        let vectors = architecture == "digits-cnn" ? 2 * bases : 0
        #expect(together.branchFeatures == 2 * (2 * means - vectors))
        var stream = SeededGenerator(key: 6)
        let images = (0..<5 * input.count).map { _ in stream.nextUnitFloat() }
        let features = try #require(together.branchFeatures(images: images))
        #expect(features.allSatisfy { $0.count == together.branchFeatures && $0.allSatisfy(\.isFinite) })
        let alone = try network(1)
        for row in 0..<5 {
            let single = try #require(
                alone.branchFeatures(images: Array(images[row * input.count..<(row + 1) * input.count])))
            for (found, expected) in zip(single[0], features[row]) { #expect(abs(found - expected) < 1e-3) }
        }
    }

    @Test func thereIsNothingToAskWithoutTwoBranches() throws {
        let plain: [LayerSpec] = [.batchNorm("bn"), .flatten, .linear("fc", outputs: 2)]
        #expect(try Self.network(plain).branchFeatures == nil)
        #expect(try Self.network(plain).branchFeatures(images: Self.images(1)) == nil)
        let dual: [LayerSpec] = [.batchNorm("bn", branches: .sharedAffine), .flatten, .linear("fc", outputs: 2)]
        #expect(try Self.network(dual).branchFeatures == 4)
        #expect(try Self.network(dual, usedStatistics: .batch).branchFeatures == nil)
    }
}
