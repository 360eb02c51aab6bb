// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

extension Dataset {
    /// Throws `TrainingError.invalidSpecification` unless all values are in [0, 1], where attacks keep what they move;
    /// `setting` is what asks for the attack.
    ///
    /// An attack on values of another range would cut them to [0, 1] and so move them much further than its ε.
    package func checkCanBeAttacked(by setting: String) throws(TrainingError) {
        guard case .floats(let floats) = values else { return }
        let size = input.count
        let outside = floats.withUnsafeBufferPointer { floats -> Int? in
            guard let start = floats.baseAddress, !fed_is_unit(start, floats.count) else { return nil }
            return (0..<count).first { !fed_is_unit(start + $0 * size, size) }
        }
        guard let outside else { return }
        throw TrainingError(
            .invalidSpecification,
            "\(setting): attacks keep inputs in [0, 1], but data set \(name) has other values, first in example "
                + "\(outside + 1): use data in [0, 1], such as images, or remove the attack")
    }
}
