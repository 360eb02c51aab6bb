// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore

extension Network {
    /// What `spec` makes of a few examples in [0, 1], at most `maximumBatch`; the starts of example i are drawn from
    /// `generator.stream("example", first + i)`.
    ///
    /// For checks of the attack itself; training goes through `LocalTraining`.
    package func attacked(
        images: [Float], labels: [Int32], by spec: AttackSpec, branch: PassMode.Branch = .adversarial,
        generator: SeededGenerator = SeededGenerator(key: 0), first: Int = 0
    ) -> [Float] {
        let batch = setExamples(images, labels: labels)
        let attack = Attack(spec, on: self)
        for row in 0..<batch { attack.setKey(generator.stream("example", UInt64(first + row)).key, of: row) }
        attack.run(batch: batch, epsilon: spec.epsilon, branch: branch)
        return Array(UnsafeBufferPointer(start: inputValues.start, count: images.count))
    }
}
