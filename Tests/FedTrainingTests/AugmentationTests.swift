// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

@Suite struct AugmentationTests {
    private static let shape = InputShape(channels: 2, height: 4, width: 5)

    /// Image n has the values 100n + 1, 100n + 2, …: no two pixels are equal, and none is 0.
    private static func images(_ count: Int) -> [Float] {
        (0..<count).flatMap { image in (1...shape.count).map { Float(100 * image + $0) } }
    }

    /// Every image that the crops and mirror images of `image` can be, by definition.
    private static func variants(_ image: [Float], _ spec: AugmentationSpec) -> [[Float]] {
        let padding = spec.cropPadding
        var all: [[Float]] = []
        for down in -padding...padding {
            for right in -padding...padding {
                let moved = (0..<shape.count).map { index -> Float in
                    let row = index / shape.width % shape.height + down
                    let column = index % shape.width + right
                    guard (0..<shape.height).contains(row), (0..<shape.width).contains(column) else { return 0 }
                    return image[(index / shape.pixels * shape.height + row) * shape.width + column]
                }
                all.append(moved)
                if spec.horizontalFlip {
                    all.append(
                        moved.indices.map { moved[$0 / shape.width * shape.width + shape.width - 1 - $0 % shape.width] }
                    )
                }
            }
        }
        return all
    }

    private static func varied(
        _ count: Int, _ spec: AugmentationSpec, order: [Int]? = nil, key: UInt64 = 1
    ) throws -> [[Float]] {
        let network = try Network([.linear("fc", outputs: 2)], input: shape, maximumBatch: count)
        return network.varied(
            images: images(count), order: order ?? Array(0..<count), by: spec, epoch: SeededGenerator(key: key))
    }

    @Test(arguments: [
        AugmentationSpec(cropPadding: 1), AugmentationSpec(cropPadding: 2, horizontalFlip: true),
        AugmentationSpec(horizontalFlip: true), AugmentationSpec(cropPadding: 7, horizontalFlip: true),
        AugmentationSpec(),
    ])
    func imagesAreCropsAndMirrorImages(_ spec: AugmentationSpec) throws {
        let count = 400
        let images = Self.images(count)
        var seen: Set<Int> = []
        for (index, result) in try Self.varied(count, spec).enumerated() {
            let image = Array(images[(index * Self.shape.count)..<((index + 1) * Self.shape.count)])
            let places = Self.variants(image, spec).enumerated().filter { $0.element == result }.map(\.offset)
            #expect(!places.isEmpty)
            seen.formUnion(places)
        }
        // Every one of up to 50 variants turns up in 400 draws; of the 450 of the widest padding some do not.
        let variants = Self.variants(images, spec).count
        #expect(variants > 50 || seen.count == variants)
    }

    @Test func halfOfTheImagesAreMirrored() throws {
        let images = Self.images(1000)
        let results = try Self.varied(1000, AugmentationSpec(horizontalFlip: true))
        let mirrored = results.enumerated().count { $1[0] != images[$0 * Self.shape.count] }
        #expect((430...570).contains(mirrored))
    }

    @Test func whatHappensDependsOnTheExampleAndTheEpochOnly() throws {
        let spec = AugmentationSpec(cropPadding: 2, horizontalFlip: true)
        let forward = try Self.varied(50, spec)
        let backward = try Self.varied(50, spec, order: (0..<50).reversed())
        #expect(forward == backward.reversed())
        #expect(try forward != Self.varied(50, spec, key: 2))
    }

    @Test func trainingSeesOtherImagesInEachEpoch() throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "digits")).train.subset(Array(0..<40))
        func train(_ augmentation: AugmentationSpec?, epochs: Int = 2) throws -> [UInt32] {
            let network = try ModelZoo.makeNetwork(
                ModelSpec(architecture: "mlp", hidden: [8]), input: data.input, classes: 10, maximumBatch: 8)
            network.initialize(using: SeededGenerator(key: 1))
            let spec = LocalTrainingSpec(
                epochs: epochs, batchSize: 8, optimizer: OptimizerSpec(learningRate: 0.05), augmentation: augmentation)
            _ = try LocalTraining.train(
                network: network, base: network.parameters(), data: data, spec: spec,
                generator: SeededGenerator(key: 5))
            return network.parameters().map(\.bitPattern)
        }
        let spec = AugmentationSpec(cropPadding: 1, horizontalFlip: true)
        #expect(try train(spec) == train(spec))
        #expect(try train(spec) != train(nil))
        #expect(try train(AugmentationSpec()) == train(nil))
    }
}
